using System.Text;
using Lima.Templates.Documents;
using Lima.Templates.Yaml;

namespace Lima.Templates.Yq.Formats;

/// <summary>Java's properties in and out: a path with dots, an equals sign, a value.</summary>
internal static class PropsFormat
{
    public static DocNode Read(string text, string source)
    {
        var root = DocNode.Mapping();
        var count = 0;
        var comment = new List<string>();
        var lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].TrimStart();
            if (line.Length == 0) continue;
            if (line[0] is '#' or '!')
            {
                comment.Add("# " + line[1..].Trim());
                continue;
            }

            while (EndsOpen(line) && i + 1 < lines.Length) line = line[..^1] + lines[++i].TrimStart();
            var (key, value) = Cut(line);
            count += key.Count(c => c == '.') + 2;
            if (count > YamlLimits.NodesMax) throw new YqException($"bad file '{source}': more than {YamlLimits.NodesMax} values");
            Set(root, key.Split('.'), value, string.Join('\n', comment), source, ref count);
            comment.Clear();
        }

        return root;
    }

    private static bool EndsOpen(string line) => (line.Length - line.TrimEnd('\\').Length) % 2 == 1;

    private static (string Key, string Value) Cut(string line)
    {
        var key = new StringBuilder();
        var at = 0;
        for (; at < line.Length && line[at] is not ('=' or ':' or ' ' or '\t'); at++)
        {
            if (line[at] == '\\' && at + 1 < line.Length) at++;
            key.Append(line[at]);
        }

        while (at < line.Length && line[at] is ' ' or '\t') at++;
        if (at < line.Length && line[at] is '=' or ':') at++;
        return (key.ToString(), Unescape(line[at..].TrimStart()));
    }

    private static string Unescape(string text)
    {
        if (!text.Contains('\\')) return text;
        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 >= text.Length) result.Append(text[i]);
            else result.Append(text[++i] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'f' => '\f', var c => c });
        }

        return result.ToString();
    }

    private static void Set(DocNode root, string[] path, string value, string comment, string source, ref int count)
    {
        if (path.Length > YamlLimits.DepthMax) throw new YqException($"bad file '{source}': nested deeper than {YamlLimits.DepthMax} levels");
        var at = root;
        for (var i = 0; i < path.Length; i++)
        {
            var last = i == path.Length - 1;
            DocNode next = last ? DocNode.Scalar(value) : int.TryParse(path[i + 1], out var index) && index >= 0 ? DocNode.Sequence() : DocNode.Mapping();
            at = Child(at, path[i], next, last, source, ref count, comment);
        }
    }

    private static DocNode Child(DocNode at, string name, DocNode next, bool last, string source, ref int count, string comment)
    {
        if (at.Kind == DocKind.Sequence)
        {
            if (!int.TryParse(name, out var index) || index < 0) throw new YqException($"bad file '{source}': `{Shown.Value(name)}` is no index of a list");
            if ((count += Math.Max(0, index - at.Content.Count)) > YamlLimits.NodesMax) throw new YqException($"bad file '{source}': more than {YamlLimits.NodesMax} values");
            while (at.Content.Count <= index) at.Content.Add(DocNode.Scalar("null"));
            if (last || at.Content[index].Kind == DocKind.Scalar) at.Content[index] = next;
            if (last) at.Content[index].HeadComment = comment;
            return at.Content[index];
        }

        if (last || at.Get(name) is not { Kind: not DocKind.Scalar }) at.Set(name, next);
        if (last) at.Content[at.IndexOf(name)].HeadComment = comment;
        return at.Get(name)!;
    }

    public static string Write(DocNode node)
    {
        if (node.Kind == DocKind.Scalar) return node.Value + "\n";
        var to = new StringBuilder();
        if (node.Parent is null && node.HeadComment.Length > 0) to.Append(node.HeadComment).Append('\n');
        Write(to, node, "", null, 0);
        return to.ToString();
    }

    private static void Write(StringBuilder to, DocNode node, string path, DocNode? key, int depth)
    {
        if (depth > YqLimits.ResultDepthMax) throw new YqException($"the value is nested deeper than {YqLimits.ResultDepthMax} levels");
        if (to.Length > YqLimits.CharsMax) throw new YqException($"the result is larger than {YqLimits.CharsMax >> 20} MiB");
        var value = node.Resolved;
        if (value.Kind == DocKind.Scalar)
        {
            WriteComments(to, key, node);
            to.Append(Escape(path, isKey: true)).Append(" = ").Append(Escape(value.Value, isKey: false)).Append('\n');
            return;
        }

        for (var i = 0; i < value.Content.Count; i += value.Kind == DocKind.Mapping ? 2 : 1)
        {
            var isMap = value.Kind == DocKind.Mapping;
            var name = isMap ? value.Content[i].Resolved.Value : i.ToString();
            Write(to, value.Content[isMap ? i + 1 : i], path.Length == 0 ? name : $"{path}.{name}", isMap ? value.Content[i] : null, depth + 1);
        }
    }

    private static void WriteComments(StringBuilder to, DocNode? key, DocNode value)
    {
        string[] comments = [key?.HeadComment ?? "", key?.LineComment ?? "", value.HeadComment, value.LineComment];
        var lines = comments.SelectMany(comment => comment.Split('\n')).Where(line => line.Length > 0).ToArray();
        if (lines.Length > 0 && to.Length > 0) to.Append('\n');
        foreach (var line in lines) to.Append(line).Append('\n');
    }

    private static string Escape(string text, bool isKey)
    {
        var result = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            _ = c switch
            {
                '\\' => result.Append(@"\\"),
                '\n' => result.Append("\\n"),
                '\t' => result.Append("\\t"),
                '\r' => result.Append("\\r"),
                '\f' => result.Append("\\f"),
                ' ' or '=' or ':' when isKey => result.Append('\\').Append(c),
                _ => result.Append(c),
            };
        }

        return result.ToString();
    }
}
