namespace Lima.Templates.Documents;

/// <summary>A comment or a blank line.</summary>
/// <param name="Index">Where it starts in the text.</param>
/// <param name="After">End of the content before it.</param>
/// <param name="Column">Column of the comment, from 1.</param>
/// <param name="Text">The comment with its <c>#</c>; empty for a blank line.</param>
/// <param name="Inline">Whether there is content before it on its line.</param>
internal readonly record struct Trivia(int Index, int After, int Column, string Text, bool Inline)
{
    public bool IsBlank => Text.Length == 0;
}
