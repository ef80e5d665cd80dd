using System.Text;
using Lima.Templates.Documents;

namespace Lima.Templates.Yq.Formats;

/// <summary>TOML out. Plain values of a table come before the tables in it, because whatever follows a table's heading is in that table.</summary>
internal sealed class TomlWriter
{
    private readonly StringBuilder _to = new();
    private bool _blankBeforeHeading;

    /// <summary>A map as TOML; a scalar as it is.</summary>
    /// <exception cref="YqException">It is a list, or goes beyond a bound.</exception>
    public static string Write(DocNode node)
    {
        if (node.Kind == DocKind.Scalar) return node.Value + "\n";
        if (node.Kind != DocKind.Mapping) throw new YqException("TOML encoder expects a mapping at the root level");
        var writer = new TomlWriter();
        writer.Comment(node.HeadComment);
        writer.Body(node, "", 0);
        writer.Comment(node.FootComment);
        return writer._to.ToString();
    }

    private void Body(DocNode map, string path, int depth)
    {
        Check(depth);
        foreach (var (key, value) in map.Entries().Where(e => !IsTable(e.Value) && !IsTables(e.Value))) Attribute(key, value.Resolved, depth);
        foreach (var (key, value) in map.Entries().Where(e => IsTables(e.Value)))
            foreach (var item in value.Resolved.Content) Heading(item, item.Resolved, $"[[{Join(path, key)}]]", Join(path, key), depth);
        foreach (var (key, value) in map.Entries().Where(e => IsTable(e.Value))) Table(key, value.Resolved, Join(path, key), depth);
    }

    private void Table(DocNode key, DocNode map, string path, int depth)
    {
        // A table that only has tables needs no heading of its own, unless something is said about it.
        if (map.Content.Count > 0 && map.Entries().All(e => IsTable(e.Value) || IsTables(e.Value)) && key.HeadComment.Length == 0) Body(map, path, depth + 1);
        else Heading(key, map, $"[{path}]", path, depth);
    }

    private void Heading(DocNode owner, DocNode map, string heading, string path, int depth)
    {
        if (_blankBeforeHeading) _to.Append('\n');
        _blankBeforeHeading = false;
        Comment(owner.HeadComment);
        _to.Append(heading);
        Beside(owner.LineComment);
        _to.Append('\n');
        Body(map, path, depth + 1);
    }

    private void Attribute(DocNode key, DocNode value, int depth)
    {
        if (value.IsNull) return;
        _blankBeforeHeading = true;
        Comment(key.HeadComment);
        Comment(value.HeadComment);
        _to.Append(Key(key)).Append(" = ");
        if (value.Kind == DocKind.Sequence && value.Content.Any(item => item.HeadComment.Length + item.LineComment.Length > 0)) LongList(value, depth);
        else Inline(value, depth);
        Beside(key.LineComment.Length > 0 ? key.LineComment : value.LineComment);
        _to.Append('\n');
    }

    private void LongList(DocNode list, int depth)
    {
        _to.Append("[\n");
        foreach (var item in list.Content)
        {
            foreach (var line in Lines(item.HeadComment)) _to.Append("  ").Append(line).Append('\n');
            _to.Append("  ");
            Inline(item.Resolved, depth + 1);
            _to.Append(',');
            Beside(item.LineComment);
            _to.Append('\n');
        }

        _to.Append(']');
    }

    private void Inline(DocNode value, int depth)
    {
        Check(depth);
        if (value.Kind == DocKind.Scalar) _to.Append(Scalar(value));
        else if (value.Kind == DocKind.Sequence) Between('[', ']', "", value.Content, item => Inline(item.Resolved, depth + 1));
        else
        {
            Between('{', '}', " ", [.. value.Entries().Where(e => !e.Value.Resolved.IsNull)], entry =>
            {
                _to.Append(Key(entry.Key)).Append(" = ");
                Inline(entry.Value.Resolved, depth + 1);
            });
        }
    }

    private void Between<T>(char open, char close, string gap, List<T> items, Action<T> write)
    {
        _to.Append(open).Append(items.Count > 0 ? gap : "");
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0) _to.Append(", ");
            write(items[i]);
        }

        _to.Append(items.Count > 0 ? gap : "").Append(close);
    }

    private static string Scalar(DocNode value) => YqNodes.GuessTag(value) switch
    {
        // There is no such value in TOML.
        DocTags.Null => "\"\"",
        DocTags.Bool => value.Value.ToLowerInvariant(),
        DocTags.Int when YqNumbers.Integer(value.Value) is not null => value.Value,
        DocTags.Float => value.Value.ToLowerInvariant().Replace(".inf", "inf", StringComparison.Ordinal).Replace(".nan", "nan", StringComparison.Ordinal),
        DocTags.Timestamp => value.Value,
        _ => Quoted(value.Value),
    };

    private static string Key(DocNode key)
    {
        var text = key.Resolved.Value;
        return text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? text : Quoted(text);
    }

    private static string Join(string path, DocNode key) => path.Length == 0 ? Key(key) : $"{path}.{Key(key)}";

    /// <summary>As JSON has it, which also leaves as it is what TOML does not allow unescaped.</summary>
    private static string Quoted(string text)
    {
        var to = new StringBuilder(text.Length + 2);
        JsonFormat.WriteText(to, text);
        return to.Replace("\u007f", "\\u007f").ToString();
    }

    private void Comment(string comment)
    {
        foreach (var line in Lines(comment)) _to.Append(line).Append('\n');
    }

    private void Beside(string comment)
    {
        if (Lines(comment).FirstOrDefault() is { } line) _to.Append("  ").Append(line);
    }

    private static IEnumerable<string> Lines(string comment) => comment
        .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.StartsWith('#') ? line : "# " + line);

    private static bool IsTable(DocNode node) => node.Resolved is { Kind: DocKind.Mapping, IsInline: false };

    private static bool IsTables(DocNode node) => node.Resolved is { Kind: DocKind.Sequence, Content.Count: > 0 } list && list.Content.All(IsTable);

    private void Check(int depth)
    {
        if (depth > YqLimits.ResultDepthMax) throw new YqException($"the value is nested deeper than {YqLimits.ResultDepthMax} levels");
        if (_to.Length > YqLimits.CharsMax) throw new YqException($"the result is larger than {YqLimits.CharsMax >> 20} MiB");
    }
}
