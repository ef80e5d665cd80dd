namespace Lima.Templates;

/// <summary>A text and where it came from.</summary>
/// <param name="Text">The text, at most 4 MiB.</param>
/// <param name="Source">An absolute path, URL or locator, or <c>-</c>: names the text in problems.</param>
public sealed record SourceText(string Text, string Source);

/// <summary>The texts that make one configuration.</summary>
/// <param name="Template">The <c>lima.yaml</c>, or the template that is to become one; its bases are relative to its source.</param>
/// <param name="Default">The user's <c>_config/default.yaml</c>: what holds where the template says nothing.</param>
/// <param name="Override">The user's <c>_config/override.yaml</c>: what holds whatever the template says.</param>
public sealed record TemplateLayers(SourceText Template, SourceText? Default = null, SourceText? Override = null);
