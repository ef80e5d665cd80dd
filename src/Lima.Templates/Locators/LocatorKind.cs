namespace Lima.Templates.Locators;

/// <summary>What a locator names, as far as its text tells.</summary>
public enum LocatorKind
{
    /// <summary><c>template:NAME</c>: looked for on the search path of templates.</summary>
    Template,

    /// <summary><c>http://</c> or <c>https://</c>.</summary>
    Web,

    /// <summary>A path on this machine: absolute, relative, from <c>~</c>, or written as <c>file://PATH</c>.</summary>
    File,

    /// <summary><c>-</c>.</summary>
    StandardInput,

    /// <summary>A disk image, by URL or path; the template is made from its name.</summary>
    Image,

    /// <summary><c>github:ORG/REPO/PATH@REF</c>.</summary>
    GitHub,

    /// <summary><c>SCHEME:REST</c>, which a plugin replaces.</summary>
    Custom,
}
