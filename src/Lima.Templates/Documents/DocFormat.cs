namespace Lima.Templates.Documents;

/// <summary>How <see cref="DocWriter"/> lays a document out.</summary>
/// <param name="Indent">Spaces a level, 2 to 9.</param>
/// <param name="IndentSequences">Whether the items of a list are indented below its key.</param>
/// <param name="CommentSpaces">Spaces before a comment at the end of a line.</param>
public sealed record DocFormat(int Indent, bool IndentSequences, int CommentSpaces)
{
    /// <summary>The layout of Lima's files: lists not indented, two spaces before a comment.</summary>
    public static DocFormat Lima { get; } = new(2, false, 2);

    /// <summary>The layout of yq: lists indented, one space before a comment.</summary>
    public static DocFormat Yq { get; } = new(2, true, 1);
}
