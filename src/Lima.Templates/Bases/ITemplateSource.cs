using System.Diagnostics.CodeAnalysis;

namespace Lima.Templates.Bases;

/// <summary>Gives what templates name as their bases and files. This library opens nothing itself.</summary>
public interface ITemplateSource
{
    /// <summary>Content of a locator.</summary>
    /// <param name="locator">Absolute: <c>template:NAME</c>, a URL, or a path that starts with <c>/</c> or <c>~</c>.</param>
    /// <param name="content">The content: text in UTF-8 for a template, anything for a file.</param>
    /// <param name="problem">Why there is none, as the rest of a sentence (<c>no such template</c>).</param>
    bool TryRead(string locator, [NotNullWhen(true)] out byte[]? content, [NotNullWhen(false)] out string? problem);
}
