namespace Lima.Templates.Documents;

/// <summary>
/// Gives comments and blank lines to nodes: what stands before an entry is its head, what stands at the end of its line its
/// line comment. A comment directly below an entry and set off from the next by a blank line is the former's foot; so are
/// comments at the end of a block that are indented like it.
/// </summary>
internal sealed class CommentAttacher
{
    private readonly string _text;
    private readonly List<Trivia> _all;
    private int _next;
    private bool _indentless;
    private DocNode? _root;

    private CommentAttacher(string text, List<Trivia> all) => (_text, _all) = (text, all);

    public static void Attach(List<DocFile> documents, List<int> starts, string text, List<Trivia> all)
    {
        var attacher = new CommentAttacher(text, all);
        for (var i = 0; i < documents.Count; i++)
        {
            var document = documents[i];
            if (document.ExplicitStart) document.Lead = string.Concat(attacher.TakeBefore(starts[i]).Select(line => line.Text + "\n"));
            attacher.Root(document.Root);
            // What follows an explicit end marker belongs to the next document; a start marker ends the foot all the same.
            var end = i + 1 < documents.Count && documents[i + 1].ExplicitStart ? starts[i + 1] : text.Length;
            document.Root.FootComment = CommentText.Join(attacher.TakeBefore(end), trimEnd: true);
        }
    }

    private void Root(DocNode root)
    {
        _root = root;
        SetHead(root, TakeBefore(root.IsNull ? root.End : root.Start));
        Visit(root, flow: false, null);
    }

    private void Visit(DocNode node, bool flow, DocNode? key)
    {
        if (node.Kind is DocKind.Scalar or DocKind.Alias)
        {
            node.LineComment = TakeInline(node, flow);
            return;
        }

        var inFlow = flow || node.Style.HasFlag(DocStyle.Flow);
        if (!inFlow && node.Content.Count > 0 && Pending(FirstLine(node)) is { Inline: true } first)
        {
            (key ?? node).LineComment = first.Text;
            _next++;
        }

        if (node.Kind == DocKind.Mapping) VisitEntries(node, inFlow);
        else VisitItems(node, inFlow);
        if (node.Style.HasFlag(DocStyle.Flow)) node.LineComment = TakeInline(node, flow);
    }

    private void VisitEntries(DocNode map, bool flow)
    {
        for (var i = 0; i + 1 < map.Content.Count; i += 2)
        {
            var (key, value) = (map.Content[i], map.Content[i + 1]);
            Head(key, i == 0 ? null : map.Content[i - 2]);
            if (key.Kind is DocKind.Sequence or DocKind.Mapping) Visit(key, flow, null);
            var isBlock = !flow && value.Kind is DocKind.Sequence or DocKind.Mapping && !value.Style.HasFlag(DocStyle.Flow);
            if (!isBlock) Between(key, value);
            _indentless = isBlock && value.Kind == DocKind.Sequence && value.Column == key.Column;
            Visit(value, flow, key);
        }

        if (map.Content.Count > 1) Foot(map, map.Content[^2], flow, map.Content[0].Column);
    }

    private void VisitItems(DocNode list, bool flow)
    {
        // Comments in the first column of a list that is not indented may as well belong to its parent's next key.
        var column = list.Anchor.Length > 0 || list.Style != DocStyle.None ? list.Content.FirstOrDefault()?.Column - 2 ?? 0 : list.Column;
        if (_indentless) column++;
        _indentless = false;
        for (var i = 0; i < list.Content.Count; i++)
        {
            Head(list.Content[i], i == 0 ? null : list.Content[i - 1]);
            Visit(list.Content[i], flow, null);
        }

        if (list.Content.Count > 0) Foot(list, list.Content[^1], flow, column);
    }

    /// <summary>Comments between a key and a value on a later line move before the key: there is no other place to write them.</summary>
    private void Between(DocNode key, DocNode value)
    {
        foreach (var trivia in TakeBefore(value.IsNull && value.Value.Length == 0 ? key.End : value.Start))
        {
            if (!trivia.IsBlank) key.HeadComment = CommentText.Append(key.HeadComment, trivia.Text);
        }
    }

    private void Head(DocNode node, DocNode? before)
    {
        var taken = TakeBefore(node.Start);
        var blank = taken.FindIndex(trivia => trivia.IsBlank);
        if (before is not null && blank > 0 && before.FootComment.Length == 0 && taken.TrueForAll(trivia => !trivia.Inline))
        {
            before.FootComment = CommentText.Join(taken[..blank], trimEnd: true);
            taken = taken[blank..];
        }

        if (taken is [{ Inline: true }] && node.Kind != DocKind.Scalar) node.LineComment = taken[0].Text;
        else SetHead(node, taken);
    }

    private static void SetHead(DocNode node, List<Trivia> lines)
    {
        while (node.BlankLines < lines.Count && lines[node.BlankLines].IsBlank) node.BlankLines++;
        node.HeadComment = CommentText.Join(lines[node.BlankLines..], trimEnd: false);
    }

    private void Foot(DocNode block, DocNode last, bool flow, int column)
    {
        var count = 0;
        for (var i = _next; i < _all.Count && _all[i].After <= block.End && !(flow && _all[i].Index >= block.End); i++)
        {
            // Set off by a blank line at the end of the document, it is the document's.
            if (_all[i].IsBlank && ReferenceEquals(block, _root)) break;
            if (_all[i].IsBlank) continue;
            if (!flow && (_all[i].Inline || _all[i].Column < column)) break;
            count = i + 1 - _next;
        }

        if (count == 0) return;
        last.FootComment = CommentText.Append(last.FootComment, CommentText.Join(_all.GetRange(_next, count), trimEnd: true));
        _next += count;
    }

    private string TakeInline(DocNode node, bool flow)
    {
        if (_next >= _all.Count || !_all[_next].Inline) return "";
        var found = _all[_next];
        var inside = found.Index >= node.Start && found.Index < node.End && (node.Style & (DocStyle.Literal | DocStyle.Folded)) != 0;
        if (!inside && !OnlySpace(node, found.Index, flow)) return "";
        _next++;
        return found.Text;
    }

    private bool OnlySpace(DocNode node, int until, bool flow)
    {
        for (var i = node.End; i < until; i++)
        {
            if (_text[i] is not (' ' or '\t') && !(flow && _text[i] == ',')) return false;
        }

        return until >= node.End || node.IsNull;
    }

    /// <summary>Where the first entry starts; a list's with its dash, which a comment may follow.</summary>
    private static int FirstLine(DocNode block) =>
        block.Kind == DocKind.Mapping || block.Anchor.Length > 0 || block.Style != DocStyle.None ? block.Content[0].Start : block.Start;

    private Trivia? Pending(int before) => _next < _all.Count && _all[_next].Index < before ? _all[_next] : null;

    private List<Trivia> TakeBefore(int index)
    {
        var first = _next;
        while (_next < _all.Count && _all[_next].Index < index) _next++;
        return _all.GetRange(first, _next - first);
    }
}
