using System.Diagnostics.CodeAnalysis;

namespace Lima.Templates.Bases;

/// <summary>Gives the texts that templates name as their bases. This library opens nothing itself.</summary>
public interface ITemplateSource
{
    /// <summary>Text of a locator.</summary>
    /// <param name="locator">Absolute: <c>template:NAME</c>, a URL, or a path that starts with <c>/</c> or <c>~</c>.</param>
    /// <param name="text">The text.</param>
    /// <param name="problem">Why there is none, as the rest of a sentence (<c>no such template</c>).</param>
    bool TryRead(string locator, [NotNullWhen(true)] out string? text, [NotNullWhen(false)] out string? problem);
}
