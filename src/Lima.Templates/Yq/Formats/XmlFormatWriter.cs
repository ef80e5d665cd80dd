using System.Text;
using Lima.Templates.Documents;
using Lima.Templates.Yaml;

namespace Lima.Templates.Yq.Formats;

/// <summary>XML out, as <see cref="XmlFormatReader"/> takes it in.</summary>
internal sealed class XmlFormatWriter
{
    private readonly StringBuilder _to = new();
    private readonly int _indent;
    private bool _isFresh = true, _justOpened;
    private int _depth;

    private XmlFormatWriter(int indent) => _indent = indent;

    /// <summary>A map as XML; a scalar as it is.</summary>
    /// <param name="node">The value.</param>
    /// <param name="indent">Spaces a level; 0 for all on one line.</param>
    /// <exception cref="YqException">It is a list, an attribute is no scalar, or a name or a comment cannot be written.</exception>
    public static string Write(DocNode node, int indent)
    {
        if (node.Kind == DocKind.Scalar) return Escaped(node.Value, isAttribute: false);
        if (node.Kind != DocKind.Mapping) throw new YqException($"cannot encode {node.Tag} to XML - only maps can be encoded");
        var writer = new XmlFormatWriter(indent);
        writer.Document(node);
        return writer._to.Append('\n').ToString();
    }

    private void Document(DocNode map)
    {
        const string Declaration = XmlFormatReader.Instruction + "xml";
        if (map.Get(Declaration) is { } declaration) _to.Append("<?xml ").Append(declaration.Resolved.Value).Append("?>\n");
        CommentLine(map.HeadComment, map.LineComment);
        foreach (var (key, value) in map.Entries())
        {
            CommentLine(key.HeadComment, key.LineComment);
            if (key.Value == Declaration) continue;
            if (!Special(key.Value, value)) Elements(key, value, 0);
            else _to.Append('\n');
            Comment(key.FootComment);
        }

        Comment(map.FootComment);
    }

    private void Elements(DocNode key, DocNode held, int depth)
    {
        if (depth > YqLimits.ResultDepthMax) throw new YqException($"the value is nested deeper than {YqLimits.ResultDepthMax} levels");
        if (_to.Length > YqLimits.CharsMax) throw new YqException($"the result is larger than {YqLimits.CharsMax >> 20} MiB");
        var (name, value) = (Name(key.Resolved.Value), held.Resolved);
        if (value.Kind == DocKind.Scalar) Text(name, value);
        else if (value.Kind == DocKind.Mapping) Map(name, value, depth);
        else
        {
            Comment(Both(value.HeadComment, value.LineComment));
            foreach (var item in value.Content) Elements(key, item, depth + 1);
            Comment(value.FootComment);
        }
    }

    private void Text(string name, DocNode value)
    {
        Open(name, "");
        Comment(value.HeadComment);
        _to.Append(Escaped(value.Value, isAttribute: false));
        Comment(value.LineComment);
        Close(name);
        Comment(value.FootComment);
    }

    private void Map(string name, DocNode map, int depth)
    {
        Open(name, string.Concat(map.Entries().Where(e => IsAttribute(e.Key.Value)).Select(e => Attribute(e.Key, e.Value.Resolved))));
        Comment(map.HeadComment);
        foreach (var (key, held) in map.Entries())
        {
            Comment(Both(key.HeadComment, key.LineComment));
            if (key.Value == XmlFormatReader.Content) Contents(held.Resolved);
            else if (!IsAttribute(key.Value) && !Special(key.Value, held)) Elements(key, held, depth + 1);
            Comment(key.FootComment);
        }

        Close(name);
        Comment(map.FootComment);
    }

    private void Contents(DocNode value)
    {
        foreach (var part in value.Kind == DocKind.Scalar ? [value] : value.Content)
        {
            Comment(Both(part.HeadComment, part.LineComment));
            _to.Append(Escaped(part.Resolved.Value, isAttribute: false));
            Comment(part.FootComment);
        }
    }

    /// <summary>Instructions and declarations.</summary>
    private bool Special(string name, DocNode value)
    {
        var isInstruction = name.StartsWith(XmlFormatReader.Instruction, StringComparison.Ordinal);
        if (!isInstruction && name != XmlFormatReader.Directive) return false;
        var text = value.Resolved.Value;
        if (text.Contains(isInstruction ? "?>" : ">", StringComparison.Ordinal)) throw new YqException($"`{Shown.Value(text)}` would end before its end in XML");
        if (isInstruction) _to.Append("<?").Append(Name(name[XmlFormatReader.Instruction.Length..])).Append(' ').Append(text).Append("?>");
        else _to.Append("<!").Append(text).Append('>');
        return true;
    }

    private static bool IsAttribute(string name) =>
        name.StartsWith(XmlFormatReader.Attribute, StringComparison.Ordinal);

    private static string Attribute(DocNode key, DocNode value) => value.Kind == DocKind.Scalar
        ? $" {Name(key.Value[XmlFormatReader.Attribute.Length..])}=\"{Escaped(value.Value, isAttribute: true)}\""
        : throw new YqException($"cannot use {value.Tag} as attribute, only scalars are supported");

    private void Open(string name, string attributes)
    {
        if (!_isFresh) NewLine();
        _isFresh = false;
        _to.Append('<').Append(name).Append(attributes).Append('>');
        _depth++;
        _justOpened = true;
    }

    private void Close(string name)
    {
        _depth--;
        // After an element inside it the end has a line of its own; after a text it has not.
        if (!_justOpened) NewLine();
        _justOpened = false;
        _to.Append("</").Append(name).Append('>');
    }

    private void NewLine()
    {
        if (_indent > 0) _to.Append('\n').Append(' ', _depth * _indent);
    }

    private void CommentLine(string head, string beside)
    {
        if (Both(head, beside) is not { Length: > 0 } comment) return;
        Comment(comment);
        _to.Append('\n');
    }

    private void Comment(string comment)
    {
        if (comment.Length == 0) return;
        var lines = comment.Split('\n');
        var text = string.Join('\n', lines.Select(line => line.TrimStart() is ['#', .. var rest] ? rest : line));
        if (lines.Length > 1 && lines[0] is not ("#" or "")) text = text.StartsWith(' ') ? text : " " + text;
        if (text.Contains("--", StringComparison.Ordinal)) throw new YqException("a comment with `--` has no place in XML");
        _to.Append("<!--").Append(text).Append(text.EndsWith(' ') || text.EndsWith('\n') ? "" : lines.Length > 1 && lines[^1] == "#" ? "" : " ").Append("-->");
    }

    private static string Both(string head, string beside) => head.Length == 0 ? beside : beside.Length == 0 ? head : $"{head} {beside.TrimStart('#').TrimStart()}";

    private static string Name(string name) =>
        XmlTokens.IsName(name) ? name : throw new YqException($"`{Shown.Value(name)}` is no name of an element or an attribute of XML");

    private static string Escaped(string text, bool isAttribute)
    {
        var to = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            _ = c switch
            {
                '&' => to.Append("&amp;"),
                '<' => to.Append("&lt;"),
                '>' => to.Append("&gt;"),
                '"' => to.Append("&#34;"),
                '\'' => to.Append("&#39;"),
                '\t' when isAttribute => to.Append("&#x9;"),
                '\n' when isAttribute => to.Append("&#xA;"),
                '\r' => to.Append("&#xD;"),
                // What no reader of XML takes, not even escaped.
                < ' ' and not ('\t' or '\n') or '\uFFFE' or '\uFFFF' => to.Append('\uFFFD'),
                _ => to.Append(c),
            };
        }

        return to.ToString();
    }
}
