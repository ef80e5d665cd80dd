using System.Text.RegularExpressions;

namespace Lima.Templates.Bases;

/// <summary>Rules for naming one template from another.</summary>
internal static partial class Locators
{
    /// <summary>The absolute form of a locator found in <paramref name="source"/>; null and a problem when it is not allowed.</summary>
    public static string? Resolve(string locator, string source, out string problem)
    {
        problem = "";
        if (locator.Length == 0) problem = "the locator is empty";
        else if (IsTemplate(locator) || !Scheme().IsMatch(locator))
        {
            if (Climbs(locator)) problem = $"`{locator}` must not contain '..'";
        }

        if (problem.Length > 0) return null;
        if (locator.StartsWith("template://", StringComparison.Ordinal)) return "template:" + locator["template://".Length..];
        if (locator[0] is '/' or '~' || Scheme().IsMatch(locator)) return locator;
        if (source is not ("" or "-")) return Directory(source) + locator;
        problem = $"`{locator}` is relative, and a template from STDIN has no place that it could be relative to";
        return null;
    }

    private static bool IsTemplate(string locator) => locator.StartsWith("template:", StringComparison.Ordinal);

    private static bool Climbs(string locator) => locator.Split('/', '\\', ':').Contains("..") || locator.Contains('\\');

    /// <summary>A source without its last part: <c>template:a/b</c> gives <c>template:a/</c>, <c>template:b</c> gives <c>template:</c>.</summary>
    private static string Directory(string source) => source[..(source.LastIndexOfAny(['/', IsTemplate(source) ? ':' : '/']) + 1)];

    [GeneratedRegex("^[a-z][a-z0-9+.-]+:", RegexOptions.CultureInvariant)]
    private static partial Regex Scheme();
}
