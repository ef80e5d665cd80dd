namespace Lima.Templates.Bases;

/// <summary>How much of what a template names is put into it.</summary>
public sealed record EmbedOptions
{
    /// <summary>Everything, as at the creation of an instance.</summary>
    public static EmbedOptions Everything { get; } = new();

    /// <summary>Whether <c>template:</c> bases and files are put in too, rather than left as references.</summary>
    public bool All { get; init; } = true;

    /// <summary>Absolute locator of a base that goes before the template's own bases, or null.</summary>
    public string? DefaultBase { get; init; }

    /// <summary>The user's home, for <c>~</c> in locators; empty leaves <c>~</c> in place.</summary>
    public string Home { get; init; } = "";
}
