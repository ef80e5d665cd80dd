using System.Text;

namespace Lima.Templates.Yaml;

/// <summary>
/// Writes a tree as YAML in block style: lists not indented below their key, many-line texts as literal blocks, quotes
/// where a plain word would be read as something else. Reading the result gives the same tree.
/// </summary>
internal sealed class YamlTreeWriter
{
    private readonly StringBuilder _out = new();

    public static string Write(YamlMap root)
    {
        var writer = new YamlTreeWriter();
        if (root.Entries.IsEmpty) return "{}\n";
        writer.WriteMap(root, 0, startsOnLine: false);
        return writer._out.ToString();
    }

    /// <summary>A text in double quotes, for YAML that is put together by hand.</summary>
    public static string Quoted(string text)
    {
        var writer = new YamlTreeWriter();
        writer.WriteQuoted(text);
        return writer._out.ToString();
    }

    private void WriteMap(YamlMap map, int indent, bool startsOnLine)
    {
        foreach (var (key, value) in map.Entries)
        {
            if (!startsOnLine) _out.Append(' ', indent);
            startsOnLine = false;
            WriteKey(key);
            _out.Append(':');
            switch (value)
            {
                case YamlMap { Entries.IsEmpty: false } inner:
                    _out.Append('\n');
                    WriteMap(inner, indent + 2, startsOnLine: false);
                    break;
                case YamlList { Items.IsEmpty: false } inner:
                    _out.Append('\n');
                    WriteList(inner, indent);
                    break;
                default:
                    _out.Append(' ');
                    WriteLeaf(value, indent);
                    break;
            }
        }
    }

    private void WriteList(YamlList list, int indent)
    {
        foreach (var item in list.Items)
        {
            _out.Append(' ', indent).Append('-');
            switch (item)
            {
                case YamlMap { Entries.IsEmpty: false } inner:
                    _out.Append(' ');
                    WriteMap(inner, indent + 2, startsOnLine: true);
                    break;
                case YamlList { Items.IsEmpty: false } inner:
                    _out.Append('\n');
                    WriteList(inner, indent + 2);
                    break;
                default:
                    _out.Append(' ');
                    WriteLeaf(item, indent);
                    break;
            }
        }
    }

    private void WriteKey(YamlScalar key)
    {
        if (key.IsPlain && key.Value.Length > 0 && !key.Value.Contains('\n')) _out.Append(key.Value);
        else WriteQuoted(key.Value);
    }

    private void WriteLeaf(YamlNode node, int indent)
    {
        switch (node)
        {
            case YamlMap:
                _out.Append("{}");
                break;
            case YamlList:
                _out.Append("[]");
                break;
            case { IsNull: true }:
                _out.Append("null");
                break;
            case YamlScalar { IsPlain: true } plain when !plain.Value.Contains('\n'):
                _out.Append(plain.Value);
                break;
            case YamlScalar text when IsLiteral(text.Value):
                WriteLiteral(text.Value, indent + 2);
                return;
            case YamlScalar text:
                WriteQuoted(text.Value);
                break;
        }

        _out.Append('\n');
    }

    /// <summary>Whether a text survives as a literal block: several lines, all of characters that such a block can hold.</summary>
    private static bool IsLiteral(string text) =>
        text.Contains('\n') && text.AsSpan().ContainsAnyExcept('\n', ' ') && !text.Any(c => c is not ('\n' or '\t') && !IsPrintable(c));

    private static bool IsPrintable(char c) => c is not ('\u2028' or '\u2029' or '\ufeff') && !char.IsControl(c);

    private void WriteLiteral(string text, int indent)
    {
        _out.Append('|');
        if (text[0] is ' ' or '\n' or '\t') _out.Append('2');
        var body = text.TrimEnd('\n');
        var breaks = text.Length - body.Length;
        if (breaks != 1) _out.Append(breaks == 0 ? '-' : '+');
        _out.Append('\n');
        foreach (var line in body.Split('\n'))
        {
            if (line.Length > 0) _out.Append(' ', indent).Append(line);
            _out.Append('\n');
        }

        if (breaks > 1) _out.Append('\n', breaks - 1);
    }

    private void WriteQuoted(string text)
    {
        _out.Append('"');
        foreach (var c in text)
        {
            switch (c)
            {
                case '"' or '\\':
                    _out.Append('\\').Append(c);
                    break;
                case '\n':
                    _out.Append("\\n");
                    break;
                case '\t':
                    _out.Append("\\t");
                    break;
                case var _ when IsPrintable(c):
                    _out.Append(c);
                    break;
                default:
                    _out.Append("\\u").Append(((int)c).ToString("x4"));
                    break;
            }
        }

        _out.Append('"');
    }
}
