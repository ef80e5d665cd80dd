namespace Lima.Templates.Locators;

/// <summary>What is outside of a locator's own text.</summary>
public interface ILocatorWorld
{
    /// <summary>Where <c>github:</c> is asked.</summary>
    IGitHub GitHub { get; }

    /// <summary>What the plugin of a scheme prints for the rest of a locator, trimmed; null when there is no such plugin.</summary>
    /// <exception cref="LocatorException">The plugin failed.</exception>
    string? Plugin(string scheme, string rest);

    /// <summary>Says something that the user should know.</summary>
    void Warn(string message);
}
