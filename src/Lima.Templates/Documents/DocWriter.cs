using System.Text;

namespace Lima.Templates.Documents;

/// <summary>
/// Writes documents: block style unless a node says otherwise, one line for every scalar that is no block (long lines are
/// never folded), comments and blank lines where they were read.
/// </summary>
public sealed class DocWriter
{
    /// <summary>Longest text that is written, in characters.</summary>
    internal const int CharsMax = 128 << 20;

    private readonly DocFormat _format;
    private readonly StringBuilder _out = new();

    private DocWriter(DocFormat format) => _format = format;

    /// <summary>The text of documents, in Lima's layout unless another is given.</summary>
    public static string Write(IReadOnlyList<DocFile> documents, DocFormat? format = null)
    {
        var writer = new DocWriter(format ?? DocFormat.Lima);
        for (var i = 0; i < documents.Count; i++)
        {
            writer._out.Append(documents[i].Lead);
            if (i > 0 || documents[i].ExplicitStart) writer._out.Append("---\n");
            writer.WriteRoot(documents[i].Root);
        }

        return writer._out.ToString();
    }

    /// <summary>The text of one node with all it contains.</summary>
    public static string Write(DocNode root, DocFormat? format = null)
    {
        var writer = new DocWriter(format ?? DocFormat.Lima);
        writer.WriteRoot(root);
        return writer._out.ToString();
    }

    private void WriteRoot(DocNode root)
    {
        WriteHead(root, 0);
        switch (root)
        {
            case { Kind: DocKind.Mapping } when IsBlock(root):
                if (Properties(root) is { Length: > 0 } tag) _out.Append(tag).Append('\n');
                WriteMap(root, 0, startsOnLine: false);
                break;
            case { Kind: DocKind.Sequence } when IsBlock(root):
                if (Properties(root) is { Length: > 0 } tags) _out.Append(tags).Append('\n');
                WriteList(root, 0, startsOnLine: false);
                break;
            case { IsNull: true, Value.Length: 0, Anchor.Length: 0 } when TagOf(root).Length == 0:
                if (root.LineComment.Length > 0) _out.Append(root.LineComment).Append('\n');
                break;
            default:
                WriteLeaf(root, -_format.Indent);
                break;
        }

        WriteComment(root.FootComment, 0);
    }

    private void WriteMap(DocNode map, int indent, bool startsOnLine)
    {
        foreach (var (key, value) in map.Entries())
        {
            if (_out.Length > CharsMax) throw new DocTooLargeException();
            if (!startsOnLine)
            {
                WriteHead(key, indent);
                if (!IsBlock(value)) WriteComment(value.HeadComment, indent);
                _out.Append(' ', indent);
            }

            startsOnLine = false;
            WriteKey(key, indent);
            WriteValue(key, value, indent);
            WriteComment(value.FootComment, indent);
            WriteComment(key.FootComment, indent);
        }
    }

    private void WriteKey(DocNode key, int indent)
    {
        if (key.Kind is DocKind.Scalar or DocKind.Alias || !IsBlock(key))
        {
            WriteInline(key, flow: false, key: true);
            _out.Append(key.Kind == DocKind.Alias ? " :" : ":");
            return;
        }

        _out.Append("? ");
        if (key.Kind == DocKind.Mapping) WriteMap(key, indent + 2, startsOnLine: true);
        else WriteList(key, indent + 2, startsOnLine: true);
        _out.Append(' ', indent).Append(':');
    }

    private void WriteValue(DocNode key, DocNode value, int indent)
    {
        var comment = key.LineComment.Length > 0 ? key.LineComment : value.LineComment;
        if (!IsBlock(value))
        {
            WriteLeafAfter(value, indent, comment);
            return;
        }

        if (Properties(value) is { Length: > 0 } properties) _out.Append(' ').Append(properties);
        WriteLineComment(comment);
        _out.Append('\n');
        WriteComment(value.HeadComment, indent + _format.Indent);
        if (value.Kind == DocKind.Mapping) WriteMap(value, indent + _format.Indent, startsOnLine: false);
        else WriteList(value, _format.IndentSequences ? indent + _format.Indent : indent, startsOnLine: false);
    }

    private void WriteList(DocNode list, int indent, bool startsOnLine)
    {
        foreach (var item in list.Content)
        {
            if (_out.Length > CharsMax) throw new DocTooLargeException();
            if (!startsOnLine)
            {
                WriteHead(item, indent);
                _out.Append(' ', indent);
            }

            startsOnLine = false;
            _out.Append('-');
            if (!IsBlock(item)) WriteLeafAfter(item, indent, item.LineComment);
            else WriteItem(item, indent);
            WriteComment(item.FootComment, indent);
        }
    }

    private void WriteItem(DocNode item, int indent)
    {
        var properties = Properties(item);
        var firstHasHead = item.Content[0] is { HeadComment.Length: > 0 } or { BlankLines: > 0 };
        var inLine = properties.Length == 0 && item.LineComment.Length == 0 && !firstHasHead;
        var inner = indent + 2;
        if (inLine) _out.Append(' ');
        else
        {
            if (properties.Length > 0) _out.Append(' ').Append(properties);
            WriteLineComment(item.LineComment);
            _out.Append('\n');
        }

        if (item.Kind == DocKind.Mapping) WriteMap(item, inner, inLine);
        else WriteList(item, inner, inLine);
    }

    private void WriteLeafAfter(DocNode node, int indent, string comment)
    {
        if (node is { IsNull: true, Value.Length: 0, Anchor.Length: 0 } && TagOf(node).Length == 0)
        {
            WriteLineComment(comment);
            _out.Append('\n');
            return;
        }

        _out.Append(' ');
        var own = node.LineComment;
        node.LineComment = comment;
        WriteLeaf(node, indent);
        node.LineComment = own;
    }

    /// <summary>A node that does not go on in lines of its own, to the end of its line; block scalars to their last line.</summary>
    private void WriteLeaf(DocNode node, int indent)
    {
        var style = node.Kind == DocKind.Scalar ? ScalarWriter.StyleOf(node, flow: false, key: false) : DocStyle.None;
        if (style is not (DocStyle.Literal or DocStyle.Folded))
        {
            if (FlowWriter.HasComments(node)) new FlowWriter(_out, _format, this.WriteInline).WriteLines(node, Math.Max(0, indent));
            else WriteInline(node, flow: false, key: false);
            WriteLineComment(node.LineComment);
            _out.Append('\n');
            return;
        }

        if (Properties(node) is { Length: > 0 } properties) _out.Append(properties).Append(' ');
        _out.Append(style == DocStyle.Literal ? '|' : '>').Append(ScalarWriter.BlockHints(node.Value, _format.Indent));
        WriteLineComment(node.LineComment);
        _out.Append('\n');
        ScalarWriter.WriteBlock(_out, node.Value, indent + _format.Indent, style == DocStyle.Folded);
    }

    private void WriteInline(DocNode node, bool flow, bool key)
    {
        if (Properties(node) is { Length: > 0 } properties)
        {
            _out.Append(properties);
            if (flow || key || node is not { Kind: DocKind.Scalar, Value.Length: 0 }) _out.Append(' ');
        }

        switch (node.Kind)
        {
            case DocKind.Alias:
                _out.Append('*').Append(node.Target is { Anchor.Length: > 0 } target ? target.Anchor : node.Value);
                break;
            case DocKind.Scalar:
                if ((flow || key) && node is { IsNull: true, Value.Length: 0 }) _out.Append("null");
                else ScalarWriter.WriteLine(_out, node.Value, ScalarWriter.StyleOf(node, flow, key));
                break;
            default:
                new FlowWriter(_out, _format, WriteInline).WriteLine(node);
                break;
        }
    }

    private static bool IsBlock(DocNode node) =>
        node.Kind is DocKind.Mapping or DocKind.Sequence && node.Content.Count > 0 && !node.Style.HasFlag(DocStyle.Flow);

    private static string Properties(DocNode node)
    {
        var tag = TagOf(node);
        if (node.Anchor.Length == 0) return tag;
        return tag.Length == 0 ? "&" + node.Anchor : $"&{node.Anchor} {tag}";
    }

    private static string TagOf(DocNode node) => Verbatim(node.Kind switch
    {
        DocKind.Scalar => ScalarWriter.TagOf(node),
        DocKind.Sequence when node.Tag != DocTags.Seq || node.Style.HasFlag(DocStyle.Tagged) => node.Tag,
        DocKind.Mapping when node.Tag != DocTags.Map || node.Style.HasFlag(DocStyle.Tagged) => node.Tag,
        _ => "",
    });

    private static string Verbatim(string tag) => tag.Length == 0 || tag[0] == '!' ? tag : $"!<{tag}>";

    private void WriteHead(DocNode node, int indent)
    {
        _out.Append('\n', node.BlankLines);
        WriteComment(node.HeadComment, indent);
    }

    private void WriteComment(string comment, int indent)
    {
        if (comment.Length == 0) return;
        foreach (var line in comment.Split('\n'))
        {
            if (line.Length > 0) _out.Append(' ', indent).Append(line);
            _out.Append('\n');
        }
    }

    private void WriteLineComment(string comment)
    {
        if (comment.Length > 0) _out.Append(' ', _format.CommentSpaces).Append(comment.Replace('\n', ' '));
    }
}
