using System.Text;
using System.Text.Json;
using Lima.Templates.Documents;
using Lima.Templates.Yaml;

namespace Lima.Templates.Yq.Formats;

/// <summary>JSON in and out.</summary>
internal static class JsonFormat
{
    /// <summary>All values of a text, one after the other.</summary>
    public static List<DocNode> Read(string text, string source)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), new JsonReaderOptions
        {
            MaxDepth = YamlLimits.DepthMax, AllowMultipleValues = true, CommentHandling = JsonCommentHandling.Disallow,
        });
        var values = new List<DocNode>();
        var count = 0;
        try
        {
            while (reader.Read()) values.Add(Value(ref reader, source, ref count));
        }
        catch (JsonException error)
        {
            throw new YqException($"bad file '{source}': not valid JSON: line {error.LineNumber + 1}, {error.Message.Split(". LineNumber")[0]}");
        }

        return values;
    }

    private static DocNode Value(ref Utf8JsonReader reader, string source, ref int count)
    {
        if (++count > YamlLimits.NodesMax) throw new YqException($"bad file '{source}': more than {YamlLimits.NodesMax} values");
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var map = DocNode.Mapping();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    map.Content.Add(DocNode.Scalar(Text(ref reader), DocTags.Str));
                    reader.Read();
                    map.Content.Add(Value(ref reader, source, ref count));
                }

                map.File = source;
                return map;
            case JsonTokenType.StartArray:
                var list = DocNode.Sequence();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) list.Content.Add(Value(ref reader, source, ref count));
                list.File = source;
                return list;
            case JsonTokenType.String:
                return DocNode.Scalar(Text(ref reader), DocTags.Str);
            default:
                return DocNode.Scalar(Encoding.UTF8.GetString(reader.ValueSpan));
        }
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new JsonException("half of a surrogate pair", null, 0, null);
        }
    }

    /// <summary>A value as JSON, ending with a line feed.</summary>
    /// <param name="node">The value.</param>
    /// <param name="indent">Spaces a level; 0 for all on one line.</param>
    public static string Write(DocNode node, int indent)
    {
        var to = new StringBuilder();
        Write(to, node, indent, 0);
        return to.Append('\n').ToString();
    }

    private static void Write(StringBuilder to, DocNode node, int indent, int level)
    {
        if (level > YqLimits.ResultDepthMax) throw new YqException($"the value is nested deeper than {YqLimits.ResultDepthMax} levels");
        if (to.Length > YqLimits.CharsMax) throw new YqException($"the result is larger than {YqLimits.CharsMax >> 20} MiB");
        var value = node.Resolved;
        if (value.Kind == DocKind.Scalar) WriteScalar(to, value);
        else WriteCollection(to, value, indent, level);
    }

    private static void WriteCollection(StringBuilder to, DocNode node, int indent, int level)
    {
        var map = node.Kind == DocKind.Mapping;
        to.Append(map ? '{' : '[');
        var step = map ? 2 : 1;
        for (var i = 0; i < node.Content.Count; i += step)
        {
            if (i > 0) to.Append(',');
            Break(to, indent, level + 1);
            if (map)
            {
                WriteText(to, node.Content[i].Resolved.Value);
                to.Append(indent > 0 ? ": " : ":");
            }

            Write(to, node.Content[i + step - 1], indent, level + 1);
        }

        if (node.Content.Count > 0) Break(to, indent, level);
        to.Append(map ? '}' : ']');
    }

    private static void Break(StringBuilder to, int indent, int level)
    {
        if (indent > 0) to.Append('\n').Append(' ', indent * level);
    }

    private static void WriteScalar(StringBuilder to, DocNode node)
    {
        switch (YqNodes.GuessTag(node))
        {
            case DocTags.Null:
                to.Append("null");
                break;
            case DocTags.Bool:
                to.Append(node.Value.ToLowerInvariant() is "true" or "yes" or "y" or "on" ? "true" : "false");
                break;
            case DocTags.Int when YqNumbers.Integer(node.Value) is { } whole:
                to.Append(whole);
                break;
            case DocTags.Int or DocTags.Float when DocTags.Number(node.Value) is { } number && double.IsFinite(number):
                to.Append(YqNumbers.Text(number));
                break;
            default:
                WriteText(to, node.Value);
                break;
        }
    }

    /// <summary>A text in quotes.</summary>
    internal static void WriteText(StringBuilder to, string text)
    {
        to.Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => to.Append("\\\""),
                '\\' => to.Append(@"\\"),
                '\n' => to.Append("\\n"),
                '\r' => to.Append("\\r"),
                '\t' => to.Append("\\t"),
                '\b' => to.Append("\\b"),
                '\f' => to.Append("\\f"),
                < ' ' or '\u2028' or '\u2029' => to.Append($"\\u{(int)c:x4}"),
                _ => to.Append(c),
            };
        }

        to.Append('"');
    }
}
