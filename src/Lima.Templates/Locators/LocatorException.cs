namespace Lima.Templates.Locators;

/// <summary>A locator that cannot be followed.</summary>
/// <param name="message">One sentence for the user that names the locator.</param>
/// <param name="hint">What to do; null when the message says it all.</param>
public sealed class LocatorException(string message, string? hint = null) : Exception(message)
{
    /// <summary>What to do; null when the message says it all.</summary>
    public string? Hint { get; } = hint;
}
