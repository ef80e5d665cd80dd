using System.Text.RegularExpressions;

namespace Lima.Templates.Locators;

/// <summary>The place of a template, a script or an image, as a user or another template writes it.</summary>
/// <param name="Kind">What it names.</param>
/// <param name="Text">As it was written.</param>
/// <param name="Rest">What follows the scheme: the template's name, the path, <c>ORG/REPO/PATH@REF</c>; the whole text
/// where there is no scheme or where the scheme belongs to the address.</param>
public sealed partial record Locator(LocatorKind Kind, string Text, string Rest)
{
    /// <summary>The scheme without its colon, in lower case; empty for paths and <c>-</c>.</summary>
    public string Scheme { get; private init; } = "";

    /// <summary>Whether this is <c>template://NAME</c>, which Lima wrote before 2.0.</summary>
    public bool IsLegacy => Kind == LocatorKind.Template && Text != Canonical;

    /// <summary>The form that is written today; differs from the text for <c>template://NAME</c> alone.</summary>
    public string Canonical => Kind == LocatorKind.Template ? "template:" + Rest : Text;

    /// <summary>Reads a locator. Every text is one: what has no scheme is a path.</summary>
    public static Locator Parse(string text)
    {
        if (text == "-") return new Locator(LocatorKind.StandardInput, text, text);
        var scheme = SchemeOf(text);
        var rest = scheme.Length == 0 ? text : text[(scheme.Length + 1)..];
        return scheme switch
        {
            "template" => new Locator(LocatorKind.Template, text, rest.TrimStart('/')) { Scheme = scheme },
            "github" => new Locator(LocatorKind.GitHub, text, rest) { Scheme = scheme },
            "http" or "https" => new Locator(ImageOr(LocatorKind.Web, text), text, text) { Scheme = scheme },
            "file" => new Locator(ImageOr(LocatorKind.File, text), text, FilePath(rest)) { Scheme = scheme },
            "" => new Locator(ImageOr(LocatorKind.File, text), text, text),
            _ => new Locator(LocatorKind.Custom, text, rest) { Scheme = scheme },
        };
    }


    // One letter before a colon is a drive elsewhere, and in a template for everybody it must not mean something else here.
    private static string SchemeOf(string text) => Pattern().Match(text) is { Success: true } match ? match.Groups[1].Value.ToLowerInvariant() : "";

    private static LocatorKind ImageOr(LocatorKind otherwise, string text) => ImageLocator.IsImage(text) ? LocatorKind.Image : otherwise;

    private static string FilePath(string rest) => rest.StartsWith("//", StringComparison.Ordinal) ? rest[2..] : rest;

    [GeneratedRegex("^([A-Za-z][A-Za-z0-9+.-]+):", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
