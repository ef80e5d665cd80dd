namespace Lima.Templates.Locators;

/// <summary>Follows <c>github:</c> one step: to the address of a file, or to another locator of the same owner.</summary>
public static class GitHubResolver
{
    private const int LinkMax = 1024;

    /// <summary>What a <c>github:</c> locator stands for.</summary>
    /// <param name="text"><c>ORG[/REPO][/PATH][@REF]</c>, without the scheme.</param>
    /// <param name="github">Answers questions about repositories.</param>
    /// <exception cref="LocatorException">It is malformed, does not exist, or leads out of its repository or owner.</exception>
    public static string Step(string text, IGitHub github)
    {
        var wanted = GitHubPlace.Parse(text);
        var place = wanted.Ref.Length > 0 ? wanted : wanted with { Ref = github.DefaultBranch(wanted.Org, wanted.Repo) };
        if (!place.MayBeLink) return github.RawUrl(place);
        if (github.Peek(place) is not { } content) return FromDefaultBranch(place, github);

        if (place.IsOrgRepository && content.StartsWith("github:", StringComparison.Ordinal))
            return Redirect(content, place, wanted.Ref, github);
        return github.RawUrl(IsLink(content) ? place.Follow(content) : place);
    }

    /// <summary>
    /// An org repository need not have the branches and tags of the repositories that it speaks for: its default branch
    /// says where to look, and the reference goes along.
    /// </summary>
    private static string FromDefaultBranch(GitHubPlace place, IGitHub github)
    {
        if (!place.IsOrgRepository) throw Missing(place, github);
        var there = place with { Ref = github.DefaultBranch(place.Org, place.Repo) };
        if (there.Ref == place.Ref) throw Missing(place, github);
        return github.Peek(there) is { } content ? Redirect(content, there, place.Ref, github) : throw Missing(there, github);
    }

    private static string Redirect(string content, GitHubPlace from, string reference, IGitHub github)
    {
        var redirect = content.Split('\n')[0].Trim();
        var shown = Yaml.Shown.Value(redirect);
        if (!redirect.StartsWith($"github:{from.Org}/", StringComparison.Ordinal))
            throw new LocatorException($"redirect `{shown}` is not a `github:{from.Org}` URL (from `{github.RawUrl(from)}`)");
        if (redirect.Contains('@'))
            throw new LocatorException($"redirect `{shown}` must not include a branch/tag/sha (from `{github.RawUrl(from)}`)");
        return reference.Length > 0 ? $"{redirect}@{reference}" : redirect;
    }

    /// <summary>A symbolic link comes as a file that holds nothing but a path.</summary>
    private static bool IsLink(string content) => content.Length is > 0 and <= LinkMax && content.AsSpan().IndexOfAny("\n :") < 0;

    private static LocatorException Missing(GitHubPlace place, IGitHub github) =>
        new($"file `{github.RawUrl(place)}` not found or inaccessible: status 404");
}
