namespace Lima.Templates.Documents;

/// <summary>
/// A node of a YAML text that can be changed and written again: comments, blank lines, anchors and styles stay with the node
/// that they were written at. Comments keep their <c>#</c>; several lines are joined by line feeds, and an empty line in
/// between (or at an end) is a blank line of the text.
/// </summary>
public sealed class DocNode
{
    /// <summary>What the node is.</summary>
    public DocKind Kind { get; set; }

    /// <summary>How the node is written.</summary>
    public DocStyle Style { get; set; }

    /// <summary>The tag in short form (<c>!!str</c>, <c>!!int</c>, <c>!custom</c>); never empty for nodes of a text.</summary>
    public string Tag { get; set; } = "";

    /// <summary>Text of a scalar; name of the anchor of an alias.</summary>
    public string Value { get; set; } = "";

    /// <summary>Name of the anchor, or empty.</summary>
    public string Anchor { get; set; } = "";

    /// <summary>What an alias stands for.</summary>
    public DocNode? Target { get; set; }

    /// <summary>Items of a sequence; keys and values of a mapping in turn.</summary>
    public List<DocNode> Content { get; } = [];

    /// <summary>Comment on the lines before; of a map's entry it is at the key, of a whole document at its root.</summary>
    public string HeadComment { get; set; } = "";

    /// <summary>Comment at the end of the line; of an entry whose value is a block collection it is at the key.</summary>
    public string LineComment { get; set; } = "";

    /// <summary>Comment on the lines after; of a map's entry it is at the key, of a whole document at its root.</summary>
    public string FootComment { get; set; } = "";

    /// <summary>Blank lines before the node and its head comment.</summary>
    public int BlankLines { get; set; }

    /// <summary>Name of the text the node comes from; empty for new nodes.</summary>
    public string File { get; set; } = "";

    /// <summary>Line from 1; 0 for new nodes.</summary>
    public int Line { get; set; }

    /// <summary>Column from 1; 0 for new nodes.</summary>
    public int Column { get; set; }

    // What an evaluation of expressions needs to find its way; set when it begins.
    internal DocNode? Parent { get; set; }

    internal DocNode? Key { get; set; }

    internal bool IsMapKey { get; set; }

    internal int DocumentIndex { get; set; }

    internal int FileIndex { get; set; }

    /// <summary>Whether operators take this node together with the others of its context, not one by one.</summary>
    internal bool Together { get; set; }

    /// <summary>Lines before the document that this node is the root of, its <c>---</c> included.</summary>
    internal string Lead { get; set; } = "";

    /// <summary>Whether the map was in braces on one line of a TOML text, and goes back there.</summary>
    internal bool IsInline { get; set; }

    internal int Start { get; set; }

    internal int End { get; set; }

    /// <summary>True for every way of writing that nothing is set.</summary>
    public bool IsNull => Kind == DocKind.Scalar && Tag == "!!null";

    /// <summary>The node itself, or what an alias stands for in the end.</summary>
    public DocNode Resolved
    {
        get
        {
            var node = this;
            for (var hops = 0; node is { Kind: DocKind.Alias, Target: { } target } && hops < 100; hops++) node = target;
            return node;
        }
    }

    /// <summary>A new scalar with the tag that its plain text has, or with the one given.</summary>
    public static DocNode Scalar(string value, string? tag = null) => new() { Value = value, Tag = tag ?? DocTags.Of(value) };

    /// <summary>A new, empty list.</summary>
    public static DocNode Sequence() => new() { Kind = DocKind.Sequence, Tag = DocTags.Seq };

    /// <summary>A new, empty map.</summary>
    public static DocNode Mapping() => new() { Kind = DocKind.Mapping, Tag = DocTags.Map };

    /// <summary>Entries of a mapping.</summary>
    public IEnumerable<(DocNode Key, DocNode Value)> Entries()
    {
        if (Kind != DocKind.Mapping) yield break;
        for (var i = 0; i + 1 < Content.Count; i += 2) yield return (Content[i], Content[i + 1]);
    }

    /// <summary>The value of a key; null when this is no mapping or has no such key.</summary>
    public DocNode? Get(string key)
    {
        var at = IndexOf(key);
        return at < 0 ? null : Content[at + 1];
    }

    /// <summary>Sets a key's value; the key, its comments and its place stay when it is there, else it is added at the end.</summary>
    public void Set(string key, DocNode value)
    {
        var at = IndexOf(key);
        if (at >= 0) Content[at + 1] = value;
        else
        {
            Content.Add(Scalar(key, DocTags.Str));
            Content.Add(value);
        }
    }

    /// <summary>Removes a key with its value and comments; false when it is not there.</summary>
    public bool Remove(string key)
    {
        var at = IndexOf(key);
        if (at >= 0) Content.RemoveRange(at, 2);
        return at >= 0;
    }

    /// <summary>Place of a key in <see cref="Content"/>, its value being the next; -1 when there is none.</summary>
    public int IndexOf(string key)
    {
        if (Kind != DocKind.Mapping) return -1;
        for (var i = 0; i + 1 < Content.Count; i += 2)
        {
            if (Content[i].Kind == DocKind.Scalar && Content[i].Value == key) return i;
        }

        return -1;
    }

    /// <summary>A copy that shares nothing with this node; aliases go on pointing to the same targets.</summary>
    public DocNode Clone()
    {
        var copy = CloneAlone();
        foreach (var child in Content) copy.Content.Add(child.Clone());
        return copy;
    }

    internal DocNode CloneAlone() => new()
    {
        Kind = Kind, Style = Style, Tag = Tag, Value = Value, Anchor = Anchor, Target = Target, HeadComment = HeadComment,
        LineComment = LineComment, FootComment = FootComment, BlankLines = BlankLines, File = File, Line = Line, Column = Column,
        Start = Start, End = End, IsInline = IsInline,
    };
}
