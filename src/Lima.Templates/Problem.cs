namespace Lima.Templates;

/// <summary>Something in a template that the user has to know of; whether it is an error or a warning, its list says.</summary>
/// <param name="File">File, URL or locator that the text came from; a base's own when the problem is in a base.</param>
/// <param name="Line">Line in that text, from 1; 0 when the problem is about something that is not there.</param>
/// <param name="Column">Column in characters, from 1; 0 with line 0.</param>
/// <param name="Field">Path of the field (<c>images[0].digest</c>); empty when the text as a whole is meant.</param>
/// <param name="Message">One sentence for the user, naming field and value.</param>
public sealed record Problem(string File, int Line, int Column, string Field, string Message)
{
    /// <summary>The way compilers print it: <c>file:line:column: message</c>.</summary>
    public override string ToString() => Line > 0 ? $"{File}:{Line}:{Column}: {Message}" : $"{File}: {Message}";
}
