using System.Text;
using Lima.Templates.Documents;
using Lima.Templates.Yaml;

namespace Lima.Templates.Yq.Formats;

/// <summary>Comma or tab separated values in and out; the first line names the columns.</summary>
internal static class CsvFormat
{
    public static DocNode Read(string text, char separator, string source)
    {
        var rows = Rows(text, separator, source);
        var list = DocNode.Sequence();
        for (var i = 1; i < rows.Count; i++)
        {
            if (rows[i].Count != rows[0].Count) throw new YqException($"bad file '{source}': record on line {i + 1}: wrong number of fields");
            var map = DocNode.Mapping();
            for (var j = 0; j < rows[0].Count; j++)
            {
                map.Content.Add(DocNode.Scalar(rows[0][j], DocTags.Str));
                map.Content.Add(Cell(rows[i][j]));
            }

            list.Content.Add(map);
        }

        return list;
    }

    private static DocNode Cell(string text)
    {
        if (text.Length > 0 && text[0] is '{' or '[' && DocReader.Read(text, "", out _) is [{ Root: { } root }] && root.Kind != DocKind.Scalar) return root;
        return DocNode.Scalar(text);
    }

    private static List<List<string>> Rows(string text, char separator, string source)
    {
        var rows = new List<List<string>>();
        var cells = 0;
        for (var at = 0; at < text.Length;)
        {
            if (text[at] is '\n' or '\r')
            {
                at++;
                continue;
            }

            var row = new List<string>();
            do
            {
                if (++cells > YamlLimits.NodesMax) throw new YqException($"bad file '{source}': more than {YamlLimits.NodesMax} values");
                row.Add(at < text.Length && text[at] == '"' ? Quoted(text, ref at, source) : Plain(text, ref at, separator));
            }
            while (at < text.Length && text[at] == separator && at++ >= 0);
            rows.Add(row);
        }

        return rows;
    }

    private static string Plain(string text, ref int at, char separator)
    {
        var start = at;
        while (at < text.Length && text[at] != separator && text[at] is not ('\n' or '\r')) at++;
        return text[start..at];
    }

    private static string Quoted(string text, ref int at, string source)
    {
        var value = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            if (text[at] != '"') value.Append(text[at]);
            else if (at + 1 < text.Length && text[at + 1] == '"') value.Append(text[at++]);
            else
            {
                at++;
                return value.ToString();
            }
        }

        throw new YqException($"bad file '{source}': a quoted field has no end");
    }

    public static string Write(DocNode node, char separator)
    {
        if (node.Kind == DocKind.Scalar) return node.Value + "\n";
        if (node.Kind != DocKind.Sequence) throw new YqException($"csv encoding only works for arrays, got: {node.Tag}");
        var to = new StringBuilder();
        if (node.Content.Count == 0) return "";
        if (node.Content[0].Kind == DocKind.Scalar) WriteRow(to, node.Content, separator);
        else if (node.Content[0].Kind == DocKind.Mapping) WriteMaps(to, node.Content, separator);
        else
        {
            for (var i = 0; i < node.Content.Count; i++)
            {
                if (node.Content[i].Kind != DocKind.Sequence) throw Unfit(i, node.Content[i]);
                WriteRow(to, node.Content[i].Content, separator);
            }
        }

        return to.ToString();
    }

    private static void WriteMaps(StringBuilder to, List<DocNode> maps, char separator)
    {
        var header = maps[0].Entries().Select(entry => entry.Key).ToList();
        WriteRow(to, header, separator);
        for (var i = 0; i < maps.Count; i++)
        {
            if (maps[i].Kind != DocKind.Mapping) throw new YqException($"csv object encoding only works for arrays of flat objects (string key => string/numbers/boolean value), child[{i}] is a {maps[i].Tag}");
            WriteRow(to, header.ConvertAll(key => maps[i].Get(key.Value) ?? DocNode.Scalar("")), separator);
        }
    }

    private static void WriteRow(StringBuilder to, List<DocNode> cells, char separator)
    {
        for (var i = 0; i < cells.Count; i++)
        {
            if (cells[i].Resolved is not { Kind: DocKind.Scalar } cell) throw Unfit(i, cells[i]);
            if (i > 0) to.Append(separator);
            var text = cell.Value;
            var quoted = text.Length > 0 && (text.Contains(separator) || text.AsSpan().IndexOfAny("\"\r\n") >= 0 || text[0] is ' ' or '\t' || text == @"\.");
            to.Append(quoted ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text);
        }

        to.Append('\n');
    }

    private static YqException Unfit(int at, DocNode node) =>
        new($"csv encoding only works for arrays of scalars (string/numbers/booleans), child[{at}] is a {node.Tag}");
}
