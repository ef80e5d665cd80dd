using System.Text;

namespace Lima.Templates.Documents;

/// <summary>Writes scalars in the style they have, or in the nearest one that can hold their text.</summary>
internal static class ScalarWriter
{
    /// <summary>Style that a scalar is written in.</summary>
    /// <param name="node">The scalar.</param>
    /// <param name="flow">Whether it stands inside brackets or braces.</param>
    /// <param name="key">Whether it is a key.</param>
    public static DocStyle StyleOf(DocNode node, bool flow, bool key)
    {
        var looks = ScalarLooks.Of(node.Value);
        var style = node.Style & ~DocStyle.Tagged & ~DocStyle.Flow;
        if (style == DocStyle.None)
        {
            if (looks.MultiLine) style = DocStyle.Literal;
            else if (node.Tag == DocTags.Str && !node.Style.HasFlag(DocStyle.Tagged) && DocTags.Of(node.Value) != DocTags.Str) style = DocStyle.DoubleQuoted;
            else if (node.Value.Length == 0 ? flow || key : flow ? !looks.FlowPlain : !looks.BlockPlain) style = DocStyle.SingleQuoted;
        }

        if (key && looks.MultiLine) return DocStyle.DoubleQuoted;
        if (style == DocStyle.SingleQuoted && (!looks.SingleQuoted || looks.MultiLine)) return DocStyle.DoubleQuoted;
        if (style is DocStyle.Literal or DocStyle.Folded && (flow || key || !looks.Block)) return DocStyle.DoubleQuoted;
        return style;
    }

    /// <summary>Tag to write before a scalar, or empty when its text and style say it all.</summary>
    public static string TagOf(DocNode node)
    {
        if (node.Style.HasFlag(DocStyle.Tagged)) return node.Tag;
        // That quotes make a text of it is what whoever changes the style wants.
        return node.Tag is "" or DocTags.Str or DocTags.Float or DocTags.Merge || node.Tag == DocTags.Of(node.Value) ? "" : node.Tag;
    }

    /// <summary>Writes a scalar of one line.</summary>
    public static void WriteLine(StringBuilder to, string text, DocStyle style)
    {
        if (style == DocStyle.DoubleQuoted) WriteDoubleQuoted(to, text);
        else if (style == DocStyle.SingleQuoted) to.Append('\'').Append(text.Replace("'", "''", StringComparison.Ordinal)).Append('\'');
        else to.Append(text);
    }

    /// <summary>Writes the lines of a block scalar, its header being written already; ends with a line feed.</summary>
    public static void WriteBlock(StringBuilder to, string text, int indent, bool folded)
    {
        var body = text.TrimEnd('\n');
        var previous = ' ';
        foreach (var line in body.Split('\n'))
        {
            if (to.Length > DocWriter.CharsMax) throw new DocTooLargeException();
            // A break that folding would take away is written twice.
            var first = line.Length > 0 ? line[0] : '\n';
            if (folded && previous is not (' ' or '\t' or '\n') && first is not (' ' or '\t')) to.Append('\n');
            if (line.Length > 0) to.Append(' ', indent).Append(line);
            to.Append('\n');
            previous = first;
        }

        var breaks = text.Length - body.Length;
        if (breaks > 1) to.Append('\n', breaks - 1);
    }

    /// <summary>Indicators after <c>|</c> or <c>&gt;</c>.</summary>
    public static string BlockHints(string text, int indent)
    {
        var leading = text.Length > 0 && text[0] is ' ' or '\n' or '\t' ? indent.ToString() : "";
        var breaks = text.Length - text.AsSpan().TrimEnd('\n').Length;
        return leading + (breaks == 1 ? "" : breaks == 0 ? "-" : "+");
    }

    private static void WriteDoubleQuoted(StringBuilder to, string text)
    {
        to.Append('"');
        foreach (var c in text)
        {
            switch (c)
            {
                case '"' or '\\':
                    to.Append('\\').Append(c);
                    break;
                case '\n':
                    to.Append("\\n");
                    break;
                case '\t':
                    to.Append("\\t");
                    break;
                case '\r':
                    to.Append("\\r");
                    break;
                case var _ when ScalarLooks.IsPrintable(c):
                    to.Append(c);
                    break;
                case < '\u0100':
                    to.Append("\\x").Append(((int)c).ToString("X2"));
                    break;
                default:
                    to.Append("\\u").Append(((int)c).ToString("X4"));
                    break;
            }
        }

        to.Append('"');
    }
}
