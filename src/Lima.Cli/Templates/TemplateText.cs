namespace Lima.Cli.Templates;

/// <summary>A template as it was found.</summary>
/// <param name="Source">What the user called it, for messages.</param>
/// <param name="Yaml">Its text.</param>
/// <param name="Location">Absolute form of the source, which relative bases start from; <c>-</c> for standard input.</param>
internal sealed record TemplateText(string Source, string Yaml, string Location);
