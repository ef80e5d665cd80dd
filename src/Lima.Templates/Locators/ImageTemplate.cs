namespace Lima.Templates.Locators;

/// <summary>A template made for a disk image.</summary>
/// <param name="Yaml">Its text.</param>
/// <param name="Os">The guest's system, as far as the image's name tells; Linux otherwise.</param>
/// <param name="Arch">The guest's architecture, as far as the image's name tells; the host's otherwise.</param>
/// <param name="ArchIsGuess">Whether the name says nothing about the architecture, so that the user should be told.</param>
public sealed record ImageTemplate(string Yaml, string Os, string Arch, bool ArchIsGuess);
