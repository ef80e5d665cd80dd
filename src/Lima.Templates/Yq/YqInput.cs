namespace Lima.Templates.Yq;

/// <summary>A text that is given to yq.</summary>
/// <param name="Path">Where it is; <c>-</c> for standard input.</param>
/// <param name="Name">What the user called it.</param>
/// <param name="Text">The text.</param>
public sealed record YqInput(string Path, string Name, string Text);
