using System.Globalization;
using Lima.Templates.Documents;
using Lima.Templates.Yaml;
using Tomlyn;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Lima.Templates.Yq.Formats;

/// <summary>TOML in: tables become maps, and comments stay with what follows them or stands on their line.</summary>
internal sealed class TomlReader
{
    private readonly string _source;
    private readonly Queue<(int Line, string Text)> _alone = [];
    private readonly Dictionary<int, string> _beside = [];
    private readonly DocNode _root = DocNode.Mapping();
    private int _count;
    private bool _begun;

    private TomlReader(string source) => _source = source;

    /// <summary>The document of a text.</summary>
    /// <exception cref="YqException">It is not valid, or goes beyond a bound.</exception>
    public static DocNode Read(string text, string source) => new TomlReader(source).Document(Parse(text, source));

    private static DocumentSyntax Parse(string text, string source)
    {
        try
        {
            var document = SyntaxParser.Parse(text, new TomlSerializerOptions { MaxDepth = YamlLimits.DepthMax }, source, validate: true);
            if (document.Diagnostics.FirstOrDefault(d => d.Kind == DiagnosticMessageKind.Error) is { } problem)
                throw new YqException($"bad file '{source}': not valid TOML: line {problem.Span.Start.Line + 1}: {problem.Message}");
            return document;
        }
        catch (TomlException error)
        {
            throw new YqException($"bad file '{source}': not valid TOML: {error.Message.Split(" Change ")[0]}");
        }
    }

    private DocNode Document(DocumentSyntax document)
    {
        FindComments(document);
        foreach (var entry in document.KeyValues) Add(_root, entry);
        foreach (var table in document.Tables) Add(table);
        _root.FootComment = Join(_alone.Select(comment => comment.Text));
        return _root;
    }

    /// <summary>Without recursion: brackets may be nested as deep as the bound allows, and each level is several nodes.</summary>
    private void FindComments(SyntaxNode root)
    {
        var found = new List<(int Line, string Text)>();
        var code = new HashSet<int>();
        var open = new Stack<SyntaxNode>([root]);
        while (open.TryPop(out var node))
        {
            // Of a string of several lines the last one counts: a comment can only follow that.
            if (node is SyntaxToken { TokenKind: not TokenKind.NewLine and not TokenKind.Eof }) code.Add(node.Span.End.Line);
            foreach (var trivia in (node.LeadingTrivia ?? []).Concat(node.TrailingTrivia ?? []))
                if (trivia.Kind == TokenKind.Comment) found.Add((trivia.Span.Start.Line, trivia.Text!.Trim()));
            for (var i = 0; i < node.ChildrenCount; i++)
                if (node.GetChild(i) is { } child) open.Push(child);
        }

        foreach (var comment in found.OrderBy(c => c.Line))
        {
            if (code.Contains(comment.Line)) _beside[comment.Line] = comment.Text;
            else _alone.Enqueue(comment);
        }
    }

    private void Add(TableSyntaxBase table)
    {
        var path = Path(table.Name!);
        var (map, line) = (_root, table.Name!.Span.Start.Line);
        for (var i = 0; i < path.Count - 1; i++) map = Enter(map, path[i]);
        var name = path[^1];
        if (map.Get(name) is null) map.Set(name, Count(table is TableArraySyntax ? DocNode.Sequence() : DocNode.Mapping()));
        var made = map.Get(name)!;
        var owner = map.Content[map.IndexOf(name)];
        if (table is TableArraySyntax)
        {
            made.Content.Add(Count(DocNode.Mapping()));
            made = owner = made.Content[^1];
        }

        TakeComments(owner, line, line);
        foreach (var entry in table.Items) Add(made, entry);
    }

    private void Add(DocNode map, KeyValueSyntax entry)
    {
        var path = Path(entry.Key!);
        for (var i = 0; i < path.Count - 1; i++) map = Enter(map, path[i]);
        var first = entry.Key!.Span.Start.Line;
        var head = Head(first);
        var value = Value(entry.Value!);
        map.Set(path[^1], value);
        var key = map.Content[map.IndexOf(path[^1])];
        key.HeadComment = head;
        (value.Kind == DocKind.Scalar ? value : key).LineComment = Beside(entry.Value!.Span.End.Line);
    }

    private DocNode Enter(DocNode map, string name)
    {
        if (map.Get(name) is null) map.Set(name, Count(DocNode.Mapping()));
        var inner = map.Get(name)!;
        return inner.Kind == DocKind.Sequence ? inner.Content[^1] : inner;
    }

    private DocNode Value(ValueSyntax value) => Count(value switch
    {
        StringValueSyntax text => DocNode.Scalar(text.Value!, DocTags.Str),
        BooleanValueSyntax truth => DocNode.Scalar(truth.Value ? "true" : "false", DocTags.Bool),
        IntegerValueSyntax whole => Whole(whole),
        FloatValueSyntax number => DocNode.Scalar(Fraction(number), DocTags.Float),
        DateTimeValueSyntax time => DocNode.Scalar(time.Token!.Text!.Trim(), DocTags.Timestamp),
        ArraySyntax list => List(list),
        InlineTableSyntax table => Table(table),
        _ => throw new YqException($"bad file '{_source}': line {value.Span.Start.Line + 1}: a value of a kind that is not known"),
    });

    private static DocNode Whole(IntegerValueSyntax whole)
    {
        var text = whole.Token!.Text!.Trim().Replace("_", "", StringComparison.Ordinal).TrimStart('+');
        return DocNode.Scalar(text.StartsWith("0b", StringComparison.Ordinal) ? whole.Value.ToString(CultureInfo.InvariantCulture) : text, DocTags.Int);
    }

    private static string Fraction(FloatValueSyntax number) => number.Token!.Text!.Trim().Replace("_", "", StringComparison.Ordinal).TrimStart('+') switch
    {
        "inf" => ".inf",
        "-inf" => "-.inf",
        "nan" or "-nan" => ".nan",
        var text => text,
    };

    private DocNode List(ArraySyntax list)
    {
        var node = DocNode.Sequence();
        foreach (var item in list.Items)
        {
            var (first, last) = (item.Value!.Span.Start.Line, item.Value.Span.End.Line);
            var head = Head(first);
            var made = Value(item.Value);
            made.HeadComment = head;
            // On the line of the bracket that closes the list, the comment is that of the list.
            if (last < list.CloseBracket!.Span.Start.Line) made.LineComment = Beside(last);
            node.Content.Add(made);
        }

        return node;
    }

    private DocNode Table(InlineTableSyntax table)
    {
        var node = DocNode.Mapping();
        node.IsInline = true;
        foreach (var item in table.Items) Add(node, item.KeyValue!);
        return node;
    }

    private List<string> Path(KeySyntax key)
    {
        var path = new List<string> { Name(key.Key!) };
        foreach (var dotted in key.DotKeys) path.Add(Name(dotted.Key!));
        if (path.Count > YamlLimits.DepthMax) throw new YqException($"bad file '{_source}': nested deeper than {YamlLimits.DepthMax} levels");
        return path;
    }

    private static string Name(BareKeyOrStringValueSyntax key) => key is StringValueSyntax text ? text.Value! : ((BareKeySyntax)key).Key!.Text!.Trim();

    private void TakeComments(DocNode node, int first, int last)
    {
        node.HeadComment = Head(first);
        node.LineComment = Beside(last);
    }

    /// <summary>Comments between what came before and a line. Those before everything are the document's.</summary>
    private string Head(int line)
    {
        var lines = new List<string>();
        while (_alone.TryPeek(out var comment) && comment.Line < line) lines.Add(_alone.Dequeue().Text);
        var head = Join(lines);
        if (_begun) return head;
        _begun = true;
        _root.HeadComment = head;
        return "";
    }

    private string Beside(int line) => _beside.Remove(line, out var comment) ? comment : "";

    private static string Join(IEnumerable<string> lines) => string.Join('\n', lines);

    private DocNode Count(DocNode node)
    {
        if (++_count > YamlLimits.NodesMax) throw new YqException($"bad file '{_source}': more than {YamlLimits.NodesMax} values");
        node.File = _source;
        return node;
    }
}
