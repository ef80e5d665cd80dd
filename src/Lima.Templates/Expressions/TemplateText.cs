using Lima.Templates.GoTemplates;

namespace Lima.Templates.Expressions;

/// <summary>Expands the texts of a template.</summary>
internal static class TemplateText
{
    /// <summary>The text with its actions executed; null, and <paramref name="problem"/>, when it must be left as written.</summary>
    /// <param name="text">The text.</param>
    /// <param name="data">What its <c>.</c> is.</param>
    /// <param name="problem">Why it is left, as one sentence; empty when it is not.</param>
    public static string? Expand(string text, GoValue data, out string problem)
    {
        problem = "";
        if (!text.Contains("{{", StringComparison.Ordinal)) return text;
        return GoTemplate.TryParse(text, "", out var template, out problem) && template.TryExecute(data, out var result, out problem) ? result : null;
    }
}
