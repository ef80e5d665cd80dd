using Lima.Cli.Output;
using Lima.Templates.Locators;

namespace Lima.Cli.Templates;

/// <summary>The real plugins and the real GitHub.</summary>
internal sealed class LocatorWorld(UrlPlugins plugins, IGitHub github, Log log) : ILocatorWorld
{
    /// <inheritdoc/>
    public IGitHub GitHub => github;

    /// <inheritdoc/>
    public string? Plugin(string scheme, string rest)
    {
        var answer = plugins.Run(scheme, rest);
        if (answer is not null) log.Debug($"Locator `{scheme}:{rest}` replaced with `{answer}`");
        return answer;
    }

    /// <inheritdoc/>
    public void Warn(string message) => log.Warn(message);
}
