using Lima.Templates.Locators;

namespace Lima.Templates.Tests.Locators;

/// <summary>
/// GitHub with one organisation <c>jan</c>: its org repository (branch main, tag v0.0.0) with links and redirections, and
/// the repository <c>jan/lima</c> whose default branch is master.
/// </summary>
internal sealed class FakeGitHub : IGitHub
{
    private static readonly Dictionary<string, string> OrgFiles = new()
    {
        [".lima.yaml"] = "templates/demo.yaml",
        ["back/.lima.yaml"] = "github:jan//loop/\n",
        ["loop/.lima.yaml"] = "github:jan//back/",
        ["docs/.lima.yaml"] = "../templates/demo.yaml",
        ["example.yaml"] = "templates/demo.yaml",
        ["invalid/org/.lima.yaml"] = "github:lima-vm",
        ["invalid/tag/.lima.yaml"] = "github:jan//@v0.0.0",
        ["invalid/out/.lima.yaml"] = "../../../other/repo/x.yaml",
        ["redirect/.lima.yaml"] = "github:jan/lima/templates/default",
        ["templates/demo.yaml"] = "base: template:default\n",
        ["yaml/.lima.yaml"] = "{}\n",
    };

    public string DefaultBranch(string org, string repo) => (org, repo) switch
    {
        ("jan", "jan") => "main",
        ("jan", "lima") => "master",
        _ => throw new LocatorException($"failed to get default branch for {org}/{repo}: GitHub API returned status 404"),
    };

    public string RawUrl(GitHubPlace place) => $"https://raw/{place.Org}/{place.Repo}/{place.Ref}/{place.Path}";

    public string? Peek(GitHubPlace place) => place switch
    {
        { Repo: "jan", Ref: "main" or "v0.0.0" } => OrgFiles.GetValueOrDefault(place.Path),
        { Repo: "lima", Ref: "master" or "v1.2.1", Path: "templates/default.yaml" } => "# words\ncpus: 1\n",
        _ => null,
    };
}
