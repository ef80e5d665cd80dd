namespace Lima.Templates.Locators;

/// <summary>What has to be asked of GitHub to follow a locator. This library opens nothing itself.</summary>
public interface IGitHub
{
    /// <summary>Name of the default branch of a repository.</summary>
    /// <exception cref="LocatorException">It cannot be found out.</exception>
    string DefaultBranch(string org, string repo);

    /// <summary>Address of the raw content of a file.</summary>
    string RawUrl(GitHubPlace place);

    /// <summary>Beginning of a file, at least 1 KiB of it where it is that long; null when there is no such file.</summary>
    /// <exception cref="LocatorException">It cannot be read.</exception>
    string? Peek(GitHubPlace place);
}
