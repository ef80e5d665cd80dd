namespace Lima.Templates.Locators;

/// <summary>Replaces a locator until it names a template, an address or a path.</summary>
public static class LocatorResolver
{
    private const int StepsMax = 32;

    /// <summary>The locator at the end of all redirections.</summary>
    /// <param name="text">Any locator.</param>
    /// <param name="world">Plugins and GitHub.</param>
    /// <exception cref="LocatorException">A step fails, or leads back.</exception>
    public static Locator Resolve(string text, ILocatorWorld world)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var throughGitHub = false;
        for (var at = Locator.Parse(text); seen.Count < StepsMax && seen.Add(at.Text);)
        {
            throughGitHub |= at.Kind == LocatorKind.GitHub;
            if (Step(at, world) is not { } next || next == at.Text)
            {
                if (throughGitHub) world.Warn("The github: scheme is still EXPERIMENTAL");
                return at;
            }

            at = Locator.Parse(next);
        }

        throw new LocatorException($"custom locator `{Yaml.Shown.Value(text)}` has a redirect loop");
    }

    private static string? Step(Locator at, ILocatorWorld world)
    {
        switch (at.Kind)
        {
            case LocatorKind.Template when at.IsLegacy:
                world.Warn($"`{Yaml.Shown.Value(at.Text)}` is the old form; write `{Yaml.Shown.Value(at.Canonical)}`");
                return at.Canonical;
            case LocatorKind.GitHub:
                return GitHubResolver.Step(at.Rest, world.GitHub);
            case LocatorKind.Custom:
                return world.Plugin(at.Scheme, at.Rest);
            default:
                return null;
        }
    }
}
