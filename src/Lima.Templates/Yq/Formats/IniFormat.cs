using System.Text;
using Lima.Templates.Documents;
using Lima.Templates.Yaml;

namespace Lima.Templates.Yq.Formats;

/// <summary>INI files in and out: entries before the first section are the document's own, each section is a map. Values are texts.</summary>
internal static class IniFormat
{
    public static DocNode Read(string text, string source)
    {
        var root = DocNode.Mapping();
        var (section, count, number) = (root, 0, 0);
        var comment = new List<string>();
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0) continue;
            if ((count += 2) > YamlLimits.NodesMax) throw new YqException($"bad file '{source}': more than {YamlLimits.NodesMax} values");
            if (line[0] is '#' or ';')
            {
                comment.Add("#" + line[1..]);
                continue;
            }

            if (line[0] == '[') section = Section(root, line, source, number);
            var key = line[0] == '[' ? root.Content[root.Content.IndexOf(section) - 1] : Entry(section, line, source, number);
            key.HeadComment = string.Join('\n', comment);
            comment.Clear();
        }

        root.FootComment = string.Join('\n', comment);
        return root;
    }

    private static DocNode Section(DocNode root, string line, string source, int number)
    {
        var end = line.IndexOf(']', StringComparison.Ordinal);
        if (end < 0) throw new YqException($"bad file '{source}': line {number}: the name of a section has no end");
        var name = line[1..end].Trim();
        if (root.Get(name) is not { Kind: DocKind.Mapping }) root.Set(name, DocNode.Mapping());
        return root.Get(name)!;
    }

    private static DocNode Entry(DocNode section, string line, string source, int number)
    {
        var at = line.AsSpan().IndexOfAny('=', ':');
        if (at < 1) throw new YqException($"bad file '{source}': line {number}: an entry needs a key and `=`");
        var key = line[..at].Trim();
        section.Set(key, DocNode.Scalar(Unquoted(line[(at + 1)..].Trim()), DocTags.Str));
        return section.Content[section.IndexOf(key)];
    }

    private static string Unquoted(string text) =>
        text.Length > 1 && text[0] is '"' or '\'' or '`' && text[^1] == text[0] && text.IndexOf(text[0], 1) == text.Length - 1 ? text[1..^1] : text;

    public static string Write(DocNode node)
    {
        if (node.Kind == DocKind.Scalar) return node.Value + "\n";
        if (node.Kind != DocKind.Mapping) throw new YqException($"INI encoder supports only MappingNode at the root level, got {node.Tag}");
        var to = new StringBuilder();
        Comment(to, node.HeadComment);
        Entries(to, node, isRoot: true);
        foreach (var (key, value) in node.Entries().Where(entry => entry.Value.Resolved.Kind == DocKind.Mapping))
        {
            if (to.Length > 0) to.Append('\n');
            Comment(to, key.HeadComment);
            to.Append('[').Append(OneLine(key.Resolved.Value)).Append("]\n");
            Entries(to, value.Resolved, isRoot: false);
        }

        Comment(to, node.FootComment);
        return to.ToString();
    }

    /// <summary>The plain values of a map. What has no place in such a file is an error: silence would lose it.</summary>
    private static void Entries(StringBuilder to, DocNode map, bool isRoot)
    {
        foreach (var (key, held) in map.Entries())
        {
            var value = held.Resolved;
            if (value.Kind == DocKind.Mapping && isRoot) continue;
            if (value.Kind != DocKind.Scalar) throw new YqException($"cannot encode {value.Tag} of `{Shown.Value(key.Resolved.Value)}` as INI, only values of sections are supported");
            if (to.Length > YqLimits.CharsMax) throw new YqException($"the result is larger than {YqLimits.CharsMax >> 20} MiB");
            Comment(to, key.HeadComment);
            to.Append(OneLine(key.Resolved.Value)).Append(" = ").Append(Quoted(OneLine(value.Value))).Append('\n');
        }
    }

    private static string Quoted(string text) => text.Length > 0 && (char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1])) ? $"\"{text}\"" : text;

    private static string OneLine(string text) =>
        text.AsSpan().IndexOfAny('\n', '\r') < 0 ? text : throw new YqException("a value of more than one line has no place in an INI file");

    private static void Comment(StringBuilder to, string comment)
    {
        foreach (var line in comment.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            to.Append(line.StartsWith('#') ? "" : "# ").Append(line).Append('\n');
    }
}
