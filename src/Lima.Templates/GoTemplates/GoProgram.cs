namespace Lima.Templates.GoTemplates;

/// <summary>A template that has been read: its text, its name, all templates in it by name, and the caller's functions.</summary>
internal sealed record GoProgram(
    string Text, string Name, IReadOnlyDictionary<string, GoBody> Templates, IReadOnlyDictionary<string, GoFunction> Functions);
