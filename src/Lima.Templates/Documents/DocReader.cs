using System.Collections.Immutable;
using Lima.Templates.Yaml;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Lima.Templates.Documents;

/// <summary>Reads YAML into nodes that keep comments, or into problems; it never throws on any text.</summary>
public sealed class DocReader
{
    private readonly TokenTrace _trace;
    private readonly Parser _parser;
    private readonly string _file;
    private readonly Dictionary<string, DocNode?> _anchors = new(StringComparer.Ordinal);
    private int _nodes;

    private DocReader(string text, string file)
    {
        _trace = new TokenTrace(new Scanner(new StringReader(text)));
        _parser = new Parser(_trace);
        _file = file;
    }

    /// <summary>All documents of a text; null, with the problems, when it cannot be read.</summary>
    /// <param name="text">The text.</param>
    /// <param name="source">Its name for messages and positions.</param>
    /// <param name="problems">What is wrong.</param>
    public static IReadOnlyList<DocFile>? Read(string text, string source, out ImmutableArray<Problem> problems)
    {
        var list = new ProblemList(source);
        var read = Read(text, source, list);
        problems = list.Errors;
        return read;
    }

    internal static IReadOnlyList<DocFile>? Read(string text, string source, ProblemList problems)
    {
        if (text.StartsWith('\ufeff')) text = text[1..];
        if (!YamlText.Check(text, source, problems)) return null;
        if (text.Contains('\r')) text = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        var reader = new DocReader(text, source);
        try
        {
            return reader.ReadAll(text);
        }
        catch (LimitException limit)
        {
            problems.Error(limit.At, "", limit.Message);
        }
        catch (YamlException error)
        {
            problems.Error(reader.At(error.Start), "", "not valid YAML: " + Reason(error));
        }
        catch (Exception error) when (error is ArgumentException or FormatException or InvalidOperationException
            or OverflowException or IndexOutOfRangeException)
        {
            // Some malformed escapes and tags reach framework calls inside the scanner unchecked.
            problems.Error(reader.At(reader._parser.Current?.End ?? Mark.Empty), "", "not valid YAML: " + error.Message);
        }

        return null;
    }

    private List<DocFile> ReadAll(string text)
    {
        var documents = new List<DocFile>();
        var starts = new List<int>();
        Next();
        while (Next() is DocumentStart start)
        {
            Next();
            documents.Add(new DocFile(ReadNode(1)) { ExplicitStart = !start.IsImplicit });
            starts.Add(start.IsImplicit ? 0 : (int)start.End.Index);
            Next();
        }

        if (documents.Count == 0)
        {
            documents.Add(new DocFile(new DocNode { Tag = DocTags.Null, File = _file, Line = 1, Column = 1, Start = text.Length, End = text.Length }));
            starts.Add(0);
        }

        CommentAttacher.Attach(documents, starts, text, TriviaReader.Read(text, _trace.Spans));
        return documents;
    }

    private DocNode ReadNode(int depth)
    {
        var current = _parser.Current!;
        if (depth > YamlLimits.DepthMax) throw new LimitException(At(current.Start), $"nested deeper than {YamlLimits.DepthMax} levels");
        if (++_nodes > YamlLimits.NodesMax) throw new LimitException(At(current.Start), $"more than {YamlLimits.NodesMax} values");
        return current switch
        {
            Scalar scalar => ReadScalar(scalar),
            SequenceStart start => ReadCollection<SequenceEnd>(start, DocKind.Sequence, start.Style == SequenceStyle.Flow, depth),
            MappingStart start => ReadCollection<MappingEnd>(start, DocKind.Mapping, start.Style == MappingStyle.Flow, depth),
            AnchorAlias alias => ReadAlias(alias),
            _ => throw new YamlException(current.Start, current.End, "a value was expected"),
        };
    }

    private DocNode ReadScalar(Scalar scalar)
    {
        var node = NewNode(scalar, DocKind.Scalar);
        node.Value = scalar.Value;
        if (_trace.Anchors.TryGetValue(node.Start, out var anchor)) node.Anchor = anchor;
        node.Style = scalar.Style switch
        {
            ScalarStyle.SingleQuoted => DocStyle.SingleQuoted,
            ScalarStyle.DoubleQuoted => DocStyle.DoubleQuoted,
            ScalarStyle.Literal => DocStyle.Literal,
            ScalarStyle.Folded => DocStyle.Folded,
            _ => DocStyle.None,
        };
        SetTag(node, scalar.Tag, node.Style == DocStyle.None ? DocTags.Of(scalar.Value) : DocTags.Str);
        if (node.Anchor.Length > 0) _anchors[node.Anchor] = node;
        return node;
    }

    private DocNode ReadCollection<TEnd>(NodeEvent start, DocKind kind, bool flow, int depth)
        where TEnd : ParsingEvent
    {
        var node = NewNode(start, kind);
        if (flow) node.Style = DocStyle.Flow;
        SetTag(node, start.Tag, kind == DocKind.Sequence ? DocTags.Seq : DocTags.Map);
        if (node.Anchor.Length > 0) _anchors[node.Anchor] = null;
        while (Next() is not TEnd)
        {
            node.Content.Add(ReadNode(depth + 1));
            if (kind == DocKind.Sequence) continue;
            Next();
            node.Content.Add(ReadNode(depth + 1));
        }

        if (flow) node.End = _trace.Spans[^1].End;
        else if (node.Content.Count > 0) node.End = node.Content[^1].End;
        if (node.Anchor.Length > 0) _anchors[node.Anchor] = node;
        return node;
    }

    private DocNode ReadAlias(AnchorAlias alias)
    {
        var name = alias.Value.Value;
        if (!_anchors.TryGetValue(name, out var target)) throw new YamlException(alias.Start, alias.End, $"alias `*{name}` has no anchor before it");
        if (target is null) throw new YamlException(alias.Start, alias.End, $"alias `*{name}` is inside its own anchor");
        var node = NewNode(alias, DocKind.Alias);
        (node.Value, node.Target) = (name, target);
        return node;
    }

    private DocNode NewNode(ParsingEvent at, DocKind kind) => new()
    {
        Kind = kind, File = _file, Line = (int)Math.Max(1, at.Start.Line), Column = (int)Math.Max(1, at.Start.Column),
        Start = (int)at.Start.Index, End = (int)at.End.Index, Anchor = at is NodeEvent { Anchor.IsEmpty: false } node ? node.Anchor.Value : "",
    };

    private static void SetTag(DocNode node, TagName tag, string implied)
    {
        node.Tag = tag.IsEmpty || tag.IsNonSpecific ? implied : DocTags.Short(tag.Value);
        if (!tag.IsEmpty && !tag.IsNonSpecific) node.Style |= DocStyle.Tagged;
        else if (!tag.IsEmpty && node.Kind == DocKind.Scalar) node.Tag = DocTags.Str;
    }

    private ParsingEvent Next() =>
        _parser.MoveNext() ? _parser.Current! : _parser.Current ?? throw new YamlException("the text ends too early");

    private Position At(Mark mark) => new(_file, (int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));

    private static string Reason(YamlException error)
    {
        var text = error.InnerException is YamlException inner ? inner.Message : error.Message;
        return Shown.Value(text.TrimEnd('.'));
    }

    private sealed class LimitException(Position at, string message) : Exception(message)
    {
        public Position At { get; } = at;
    }
}
