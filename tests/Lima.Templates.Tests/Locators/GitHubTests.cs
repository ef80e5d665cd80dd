using Lima.Templates.Locators;

namespace Lima.Templates.Tests.Locators;

public sealed class GitHubTests
{
    public static TheoryData<string> SameFile => new(
        "github:jan/jan/templates/demo.yaml@main", "github:jan/jan/templates/demo.yaml", "github:jan/jan/templates/demo", "github:jan/jan/.lima.yaml",
        "github:jan/jan/@v0.0.0", "github:jan/jan", "github:jan//templates/demo.yaml@main", "github:jan//templates/demo.yaml", "github:jan//templates/demo",
        "github:jan//.lima.yaml", "github:jan//@v0.0.0", "github:jan//", "github:jan/", "github:jan@v0.0.0", "github:jan", "github:jan/jan/example.yaml",
        "github:jan/jan/example@main", "github:jan//example.yaml@v0.0.0", "github:jan//example", "github:jan/jan/docs/.lima.yaml@main",
        "github:jan/jan/docs/.lima.yaml", "github:jan/jan/docs/.lima", "github:jan/jan/docs/", "github:jan//docs/.lima.yaml@v0.0.0",
        "github:jan//docs/.lima.yaml", "github:jan//docs/.lima", "github:jan//docs/@v0.0.0", "github:jan//docs/");

    [Theory]
    [MemberData(nameof(SameFile))]
    public void All_ways_to_write_one_file(string locator)
    {
        var (url, warnings) = Resolve(locator);
        Assert.Equal($"https://raw/jan/jan/{(locator.Contains("v0.0.0") ? "v0.0.0" : "main")}/templates/demo.yaml", url);
        Assert.Equal(["The github: scheme is still EXPERIMENTAL"], warnings);
    }

    [Theory]
    [InlineData("github:jan//yaml/", "https://raw/jan/jan/main/yaml/.lima.yaml")]
    [InlineData("github:jan//test/.script.sh", "https://raw/jan/jan/main/test/.script.sh")]
    [InlineData("github:jan//docs/../README.md@main", "https://raw/jan/jan/main/README.md")]
    [InlineData("github:jan//redirect/", "https://raw/jan/lima/master/templates/default.yaml")]
    [InlineData("github:jan//redirect/@v1.2.1", "https://raw/jan/lima/v1.2.1/templates/default.yaml")]
    public void Files_that_are_what_they_are_and_redirections(string locator, string url) => Assert.Equal(url, Resolve(locator).Url);

    [Theory]
    [InlineData("github:jan//missing/", "file `https://raw/jan/jan/main/missing/.lima.yaml` not found or inaccessible: status 404")]
    [InlineData("github:jan//test/.hidden", "file `https://raw/jan/jan/main/test/.hidden.yaml` not found or inaccessible: status 404")]
    [InlineData("github:jan/lima/missing", "file `https://raw/jan/lima/master/missing.yaml` not found or inaccessible: status 404")]
    [InlineData("github:", "github: URL must contain at least an ORG, got ``")]
    [InlineData("github:/jan", "github: URL must contain at least an ORG, got ``")]
    [InlineData("github:jan//invalid/org/", "redirect `github:lima-vm` is not a `github:jan` URL")]
    [InlineData("github:jan//invalid/org/@main", "redirect `github:lima-vm` is not a `github:jan` URL")]
    [InlineData("github:jan//invalid/tag/", "redirect `github:jan//@v0.0.0` must not include a branch/tag/sha")]
    [InlineData("github:jan//invalid/tag/@v0.0.0", "redirect `github:jan//@v0.0.0` must not include a branch/tag/sha")]
    [InlineData("github:jan//invalid/out/", "symlink target `../../../other/repo/x.yaml` in `invalid/out/.lima.yaml` escapes the repository")]
    [InlineData("github:jan//loop/", "custom locator `github:jan//loop/` has a redirect loop")]
    [InlineData("github:jan//back/@main", "custom locator `github:jan//back/@main` has a redirect loop")]
    [InlineData("github:lima-vm/lima/../../../torvalds/linux/master/x", "escapes the repository")]
    [InlineData("github:lima-vm/../x", "repo `..` in github: URL `lima-vm/../x` escapes the org")]
    [InlineData("github:jan/lima/x@../../other", "branch `../../other` in github: URL `jan/lima/x` escapes the repository")]
    [InlineData("github:nobody", "failed to get default branch for nobody/nobody")]
    public void What_leads_nowhere_or_away_is_refused(string locator, string message) =>
        Assert.Contains(message, Assert.Throws<LocatorException>(() => Resolve(locator)).Message);

    [Theory]
    [InlineData("dev:x", "https://host/x.yaml")]
    [InlineData("twice:x", "https://host/x.yaml")]
    [InlineData("hub:x", "https://raw/jan/jan/main/x.sh")]
    [InlineData("unknown:x", "unknown:x")]
    [InlineData("template://x", "template:x")]
    public void Plugins_replace_locators_until_none_does(string locator, string url) => Assert.Equal(url, Resolve(locator).Url);

    [Fact]
    public void Plugins_must_not_go_in_circles() =>
        Assert.Equal("custom locator `ping:x` has a redirect loop", Assert.Throws<LocatorException>(() => Resolve("ping:x")).Message);

    private static (string Url, IReadOnlyList<string> Warnings) Resolve(string locator)
    {
        var world = new World();
        return (LocatorResolver.Resolve(locator, world).Text, world.Warnings);
    }

    private sealed class World : ILocatorWorld
    {
        public List<string> Warnings { get; } = [];

        public IGitHub GitHub { get; } = new FakeGitHub();

        public string? Plugin(string scheme, string rest) => scheme switch
        {
            "dev" => $"https://host/{rest}.yaml",
            "twice" => $"dev:{rest}",
            "hub" => $"github:jan//{rest}.sh",
            "ping" => $"pong:{rest}",
            "pong" => $"ping:{rest}",
            _ => null,
        };

        public void Warn(string message) => Warnings.Add(message);
    }
}
