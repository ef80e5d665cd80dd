namespace Lima.Templates.Documents;

/// <summary>One document of a text.</summary>
/// <param name="root">Its root; a null scalar when the document is empty.</param>
public sealed class DocFile(DocNode root)
{
    /// <summary>The root node.</summary>
    public DocNode Root { get; set; } = root;

    /// <summary>Comments and blank lines before an explicit <c>---</c>.</summary>
    public string Lead { get; set; } = "";

    /// <summary>Whether the document was begun by <c>---</c>.</summary>
    public bool ExplicitStart { get; set; }
}
