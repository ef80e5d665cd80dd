using Lima.Templates.Documents;

namespace Lima.Templates.Yq;

/// <summary>Makes, copies and links nodes; every one made is counted.</summary>
internal sealed class YqNodes(YqBudget budget)
{
    /// <summary>Sets what nodes know of their place, for a tree that was just read.</summary>
    public static void Link(DocNode node, DocNode? parent = null)
    {
        node.Parent = parent;
        for (var i = 0; i < node.Content.Count; i++)
        {
            var child = node.Content[i];
            Link(child, node);
            if (node.Kind == DocKind.Sequence) child.Key = IndexKey(i, node);
            else if (i % 2 == 0) child.IsMapKey = true;
            else child.Key = node.Content[i - 1];
        }
    }

    public static DocNode IndexKey(int index, DocNode parent) => new() { Value = index.ToString(), Tag = DocTags.Int, Parent = parent, IsMapKey = true };

    public DocNode Scalar(string value, string tag)
    {
        budget.Node(0);
        return new DocNode { Value = budget.Text(value), Tag = tag };
    }

    public DocNode Text(string value) => Scalar(value, value == "<<" ? DocTags.Merge : DocTags.Str);

    public DocNode Sequence() => Count(DocNode.Sequence());

    public DocNode Mapping() => Count(DocNode.Mapping());

    /// <summary>A new node in the place of another.</summary>
    public DocNode Replace(DocNode old, DocKind kind, string tag, string value)
    {
        budget.Node(0);
        return InPlaceOf(old, new DocNode { Kind = kind, Tag = tag, Value = budget.Text(value) });
    }

    public DocNode ReplaceScalar(DocNode old, string tag, string value) => Replace(old, DocKind.Scalar, tag, value);

    public DocNode Bool(DocNode? owner, bool value) => owner is null ? Scalar(value ? "true" : "false", DocTags.Bool) : ReplaceScalar(owner, DocTags.Bool, value ? "true" : "false");

    /// <summary>A copy of a node as the replacement of another: in its place, with its key.</summary>
    public DocNode CopyInPlaceOf(DocNode old, DocNode replacement) => InPlaceOf(old, Copy(replacement));

    private static DocNode InPlaceOf(DocNode old, DocNode copy)
    {
        (copy.Parent, copy.Key, copy.IsMapKey) = (old.Parent, old.IsMapKey ? old : old.Key, false);
        (copy.DocumentIndex, copy.FileIndex, copy.File) = (old.DocumentIndex, old.FileIndex, old.File);
        return copy;
    }

    public DocNode Copy(DocNode node) => Copy(node, 0);

    private DocNode Copy(DocNode node, int depth)
    {
        var copy = CopyAlone(node, depth);
        foreach (var child in node.Content)
        {
            var inner = Copy(child, depth + 1);
            inner.Parent = copy;
            copy.Content.Add(inner);
        }

        Relink(copy);
        return copy;
    }

    public DocNode CopyAlone(DocNode node, int depth = 0)
    {
        budget.Node(depth);
        budget.Chars(node.Value.Length + node.HeadComment.Length + node.LineComment.Length + node.FootComment.Length);
        var copy = node.CloneAlone();
        (copy.Parent, copy.Key, copy.IsMapKey, copy.Together) = (node.Parent, node.Key, node.IsMapKey, node.Together);
        (copy.DocumentIndex, copy.FileIndex, copy.Lead) = (node.DocumentIndex, node.FileIndex, node.Lead);
        return copy;
    }

    public void Add(DocNode to, DocNode child)
    {
        var copy = Copy(child, Depth(to));
        (copy.Parent, copy.IsMapKey, copy.Key) = (to, false, IndexKey(to.Content.Count, to));
        to.Content.Add(copy);
    }

    public (DocNode Key, DocNode Value) Add(DocNode to, DocNode key, DocNode value)
    {
        var (keyCopy, valueCopy) = (Copy(key, Depth(to)), Copy(value, Depth(to)));
        (keyCopy.Parent, keyCopy.IsMapKey) = (to, true);
        (valueCopy.Parent, valueCopy.IsMapKey, valueCopy.Key) = (to, false, keyCopy);
        to.Content.Add(keyCopy);
        to.Content.Add(valueCopy);
        return (keyCopy, valueCopy);
    }

    /// <summary>Copies of nodes as the children of another: entries of a map come as keys and values in turn.</summary>
    public void AddAll(DocNode to, IReadOnlyList<DocNode> children)
    {
        if (to.Kind == DocKind.Mapping)
        {
            for (var i = 0; i + 1 < children.Count; i += 2) Add(to, children[i], children[i + 1]);
        }
        else
        {
            foreach (var child in children) Add(to, child);
        }
    }

    /// <summary>Makes a node what another is, in its own place.</summary>
    public void Update(DocNode node, DocNode other, bool clobber, bool keepAnchor)
    {
        if (ReferenceEquals(node, other)) return;
        var empty = node.Kind != DocKind.Scalar && node.Content.Count == 0;
        if (empty || GuessTag(node) != GuessTag(other)) node.Style = other.Style;
        var content = other.Content.ToArray();
        node.Content.Clear();
        node.Kind = other.Kind;
        AddAll(node, content);
        node.Value = other.Value;
        UpdateAttributes(node, other, clobber, keepAnchor);
    }

    public static void UpdateAttributes(DocNode node, DocNode other, bool clobber, bool keepAnchor)
    {
        if (node.Kind != other.Kind)
        {
            node.Content.Clear();
            node.Value = "";
        }

        node.Kind = other.Kind;
        if (clobber || node.Tag.Length == 0 || node.Tag.StartsWith("!!", StringComparison.Ordinal)) node.Tag = other.Tag;
        node.Target = other.Target;
        if (!keepAnchor) node.Anchor = other.Anchor;
        if (node.Style == DocStyle.None) node.Style = other.Style;
        if (other.FootComment.Length > 0) node.FootComment = other.FootComment;
        if (other.HeadComment.Length > 0) node.HeadComment = other.HeadComment;
        if (other.LineComment.Length > 0) node.LineComment = other.LineComment;
    }

    /// <summary>The tag that a node's value has by its looks, where its own is not one of YAML's.</summary>
    public static string GuessTag(DocNode node) =>
        node.Tag.StartsWith("!!", StringComparison.Ordinal) || node.Kind != DocKind.Scalar || node.Value.Length == 0 ? node.Tag : DocTags.Of(node.Value);

    /// <summary>Keys and indexes that lead to a node.</summary>
    public static List<DocNode> PathOf(DocNode node)
    {
        var path = new List<DocNode>();
        for (DocNode? at = node; at is not null; at = at.Parent)
        {
            if (at.IsMapKey) path.Add(at);
            else if (at.Key is { } key) path.Add(key);
        }

        path.Reverse();
        return path;
    }

    /// <summary>A path as people write it: <c>a.b[0]</c>.</summary>
    public static string NicePath(DocNode node) =>
        string.Concat(PathOf(node).Select((key, i) => key.Tag == DocTags.Int ? $"[{key.Value}]" : i == 0 ? key.Value : "." + key.Value));

    public static int Depth(DocNode node)
    {
        var depth = 1;
        for (var at = node.Parent; at is not null && depth <= YqLimits.ResultDepthMax; at = at.Parent) depth++;
        return depth;
    }

    private static void Relink(DocNode node)
    {
        for (var i = 0; i < node.Content.Count; i++)
        {
            var child = node.Content[i];
            if (node.Kind == DocKind.Sequence) child.Key = IndexKey(i, node);
            else if (i % 2 == 0) (child.IsMapKey, child.Key) = (true, null);
            else (child.IsMapKey, child.Key) = (false, node.Content[i - 1]);
        }
    }

    private DocNode Count(DocNode node)
    {
        budget.Node(0);
        return node;
    }
}
