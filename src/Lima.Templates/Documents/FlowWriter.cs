using System.Text;

namespace Lima.Templates.Documents;

/// <summary>Writes lists in brackets and maps in braces: on one line, or, where there are comments inside, one entry a line.</summary>
internal sealed class FlowWriter(StringBuilder to, DocFormat format, Action<DocNode, bool, bool> inline)
{
    /// <summary>Whether a flow collection holds comments, which end lines.</summary>
    public static bool HasComments(DocNode node) =>
        node.Kind is DocKind.Sequence or DocKind.Mapping && node.Content.Exists(child => HasOwn(child) || HasComments(child));

    /// <summary>Writes a collection on one line.</summary>
    public void WriteLine(DocNode node)
    {
        var map = node.Kind == DocKind.Mapping;
        to.Append(map ? '{' : '[');
        for (var i = 0; i < node.Content.Count; i++)
        {
            if (i > 0) to.Append(map && i % 2 == 1 ? ": " : ", ");
            inline(node.Content[i], true, map && i % 2 == 0);
        }

        to.Append(map ? '}' : ']');
    }

    /// <summary>Writes a collection with comments in it over several lines, its end on a line of its own.</summary>
    public void WriteLines(DocNode node, int indent)
    {
        if (!HasComments(node))
        {
            inline(node, true, false);
            return;
        }

        var map = node.Kind == DocKind.Mapping;
        if (node.Anchor.Length > 0) to.Append('&').Append(node.Anchor).Append(' ');
        to.Append(map ? '{' : '[').Append('\n');
        for (var i = 0; i < node.Content.Count; i += map ? 2 : 1) WriteEntry(node, i, indent + format.Indent, map);
        to.Append(' ', indent).Append(map ? '}' : ']');
    }

    private void WriteEntry(DocNode node, int at, int indent, bool map)
    {
        var first = node.Content[at];
        var value = map ? node.Content[at + 1] : first;
        var last = at + (map ? 2 : 1) >= node.Content.Count;
        WriteComment(first.HeadComment, indent);
        to.Append(' ', indent);
        if (map)
        {
            inline(first, true, true);
            to.Append(": ");
        }

        WriteLines(value, indent);
        if (!last) to.Append(',');
        var comment = value.LineComment.Length > 0 ? value.LineComment : first.LineComment;
        if (comment.Length > 0) to.Append(' ', format.CommentSpaces).Append(comment.Replace('\n', ' '));
        to.Append('\n');
        WriteComment(first.FootComment, indent);
    }

    private void WriteComment(string comment, int indent)
    {
        foreach (var line in comment.Split('\n', StringSplitOptions.RemoveEmptyEntries)) to.Append(' ', indent).Append(line).Append('\n');
    }

    private static bool HasOwn(DocNode node) => node.HeadComment.Length > 0 || node.LineComment.Length > 0 || node.FootComment.Length > 0;
}
