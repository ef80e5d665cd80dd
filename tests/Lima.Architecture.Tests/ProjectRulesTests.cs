using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Lima.Architecture.Tests;

/// <summary>Rules about project files.</summary>
public sealed class ProjectRulesTests
{
    public static TheoryData<string> Projects => [.. Repository.Projects];

    [Fact]
    public void Every_project_is_in_the_solution_and_every_project_of_the_solution_is_there()
    {
        var listed = Regex.Matches(Repository.Read("LimaActors.sln"), "\"([^\"]+\\.csproj)\"").Select(m => m.Groups[1].Value.Replace('\\', '/'));
        Assert.Equal(Repository.Projects.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Versions_are_in_one_place_alone(string project)
    {
        var xml = XDocument.Load(Repository.PathOf(project));
        var versioned = xml.Descendants("PackageReference").Where(r =>
            r.Attribute("Version") is not null || r.Attribute("VersionOverride") is not null || r.Element("Version") is not null);
        Assert.Empty(versioned);
        Assert.Empty(xml.Descendants("TargetFramework"));
        Assert.Empty(xml.Descendants("Version"));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void No_project_loosens_what_holds_for_all(string project)
    {
        var xml = XDocument.Load(Repository.PathOf(project));
        foreach (var property in new[] { "Nullable", "TreatWarningsAsErrors", "WarningsNotAsErrors", "AnalysisMode", "LangVersion" })
            Assert.Empty(xml.Descendants(property));
        // The one warning that may be off tells of Windows, where nothing of this runs.
        Assert.All(xml.Descendants("NoWarn"), warning => Assert.Equal("$(NoWarn);CA1416", warning.Value));
    }

    [Fact]
    public void Every_version_is_exact_and_every_package_is_used_or_pinned_on_purpose()
    {
        var central = XDocument.Load(Repository.PathOf("Directory.Packages.props"));
        var versions = central.Descendants("PackageVersion").ToList();
        Assert.All(versions, v => Assert.DoesNotMatch(@"[*\[\(]", ((string)v.Attribute("Version")!).Replace("$(", "", StringComparison.Ordinal)));
        var names = versions.Select(v => (string)v.Attribute("Include")!).ToList();
        Assert.Equal(names.Count, names.Distinct().Count());
        var used = Repository.Projects.SelectMany(p => XDocument.Load(Repository.PathOf(p)).Descendants("PackageReference")).Select(r => (string)r.Attribute("Include")!).ToHashSet();
        Assert.Empty(used.Except(names));
    }

    [Fact]
    public void Every_project_of_the_product_has_tests_and_every_test_project_runs()
    {
        var tests = Repository.Projects.Where(p => p.EndsWith(".Tests.csproj", StringComparison.Ordinal)).ToList();
        Assert.All(tests, p => Assert.Equal("true", XDocument.Load(Repository.PathOf(p)).Descendants("IsTestProject").Single().Value));
        var tested = tests.SelectMany(p => XDocument.Load(Repository.PathOf(p)).Descendants("ProjectReference"))
            .Select(r => Path.GetFileNameWithoutExtension((string)r.Attribute("Include")!)).ToHashSet();
        Assert.Empty(Repository.Projects.Where(p => p.StartsWith("src/", StringComparison.Ordinal)).Select(p => Path.GetFileNameWithoutExtension(p)!).Except(tested!));
    }
}
