namespace Lima.Cli.Templates;

/// <summary>A template before anything is understood of it.</summary>
/// <param name="Source">Where it came from, for messages.</param>
/// <param name="Yaml">Its text.</param>
/// <param name="SuggestedName">Name for an instance made from it; null when its source suggests none.</param>
internal sealed record TemplateText(string Source, string Yaml, string? SuggestedName);
