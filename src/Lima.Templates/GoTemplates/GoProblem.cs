namespace Lima.Templates.GoTemplates;

/// <summary>Ends reading or executing; never leaves <see cref="GoTemplate"/>.</summary>
internal sealed class GoProblem(string message) : Exception(message);
