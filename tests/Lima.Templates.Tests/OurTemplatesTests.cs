using System.Diagnostics;
using System.Text.RegularExpressions;
using Lima.Templates.Yaml;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Templates.Tests;

/// <summary>The templates that this project ships: valid, and for the user the same as Lima's of the same name.</summary>
public sealed partial class OurTemplatesTests(ITestOutputHelper output)
{
    private static readonly string[] OwnNames = ["_default/engines-fallback", "_default/fallback", "tiny"];

    public static TheoryData<string> Ours => new(OurTemplates.Public);

    public static TheoryData<string> Limas => new(LimaData.Names());

    [Theory]
    [MemberData(nameof(Ours))]
    public void Every_template_is_valid_without_a_warning(string name)
    {
        if (OurTemplates.Find(output) is not { } ours) return;
        foreach (var arch in (string[])["x86_64", "aarch64"])
        {
            var result = Given.Read(ours.Read(name), Given.Host with { Arch = arch }, templates: ours, source: "template:" + name);
            Assert.Equal([], result.Errors.Select(problem => problem.ToString()));
            Assert.DoesNotContain(result.Warnings, warning => warning.Message.Contains("unknown key"));
            Assert.NotEmpty(result.Spec!.Images);
        }
    }

    [Fact]
    public void The_document_names_every_template()
    {
        if (OurTemplates.Find(output) is not { } ours) return;
        var text = File.ReadAllText(Path.Combine(ours.Root, "../docs/templates.md"));
        var names = DocumentedName().Matches(text[text.IndexOf("## Names that come along", StringComparison.Ordinal)..]).Select(match => match.Groups[1].Value);
        Assert.Equal(OurTemplates.Public.Order(StringComparer.Ordinal), names.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_name_of_Limas_is_there()
    {
        if (OurTemplates.Find(output) is not { } ours || LimaData.Root(output) is not { } lima) return;
        Assert.Equal(LimaData.NamesIn(Path.Combine(lima, "templates")).Concat(OwnNames).Order(StringComparer.Ordinal), ours.Names);
        Assert.Equal(82, OurTemplates.Public.Length);
        Assert.Equal(18, OurTemplates.Public.Count(name => new FileInfo(Path.Combine(ours.Root, name + ".yaml")).LinkTarget is not null));
    }

    [Theory]
    [MemberData(nameof(Limas))]
    public void Images_are_Limas_images(string name)
    {
        if (Pair(name) is not var (ours, theirs)) return;
        // Stand-ins for an image that cannot be had.
        var added = Images(ours).Where(image => image.Contains("recipe:", StringComparison.Ordinal) || (name == "default" && image.Contains("debian.org", StringComparison.Ordinal))).ToArray();
        Assert.Equal(Images(theirs).Order(StringComparer.Ordinal), Images(ours).Except(added).Order(StringComparer.Ordinal));
        Assert.Equal(name switch { "default" => 3, "debian-12" => 1, "docker" or "docker-rootful" or "podman" or "podman-rootful" => 2, _ => 0 }, added.Length);
        Assert.Equal(added, Images(ours).TakeLast(added.Length));
    }

    [Theory]
    [MemberData(nameof(Limas))]
    public void What_the_user_gets_is_what_Lima_gives(string name)
    {
        if (Pair(name) is not var (ours, theirs)) return;
        foreach (var key in (string[])["minimumLimaVersion", "vmType", "os", "arch", "mounts", "mountType", "mountTypesUnsupported", "param", "portForwards", "copyToHost", "hostResolver", "containerd", "firmware", "vmOpts", "tpm", "plain", "audio", "video", "networks", "osOpts", "ssh"])
            Assert.Equal(Facts(theirs[key]), Facts(ours[key]));
        Assert.Equal(Provisions(theirs), Provisions(ours));
        Assert.Equal(Items(theirs, "probes").Count(), Items(ours, "probes").Count());
        if (theirs["message"] is not null) Assert.NotNull(ours["message"]);
    }

    [Fact]
    public void Scripts_satisfy_shellcheck()
    {
        if (OurTemplates.Find(output) is not { } ours || !Need.Programs(output, "shellcheck")) return;
        using var directory = new TemporaryDirectory();
        var files = new List<string>();
        foreach (var (name, entry) in OurTemplates.Public.SelectMany(name => Items(ours.Embedded(name), "provision").Concat(Items(ours.Embedded(name), "probes")).Select(entry => (name, entry))))
        {
            if (entry.Text("script") is not { } script || !script.StartsWith("#!", StringComparison.Ordinal)) continue;
            files.Add(directory[$"{name.Replace('/', '_')}-{files.Count}.sh"]);
            // A parameter of the script stands for any value; in single quotes it does not, which is what SC2016 says.
            File.WriteAllText(files[^1], Expression().Replace(script, "$$1"));
        }

        Assert.True(files.Count > 50);
        var start = new ProcessStartInfo("shellcheck", ["--severity=info", "--exclude=SC2016", "--format=gcc", .. files]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        Assert.Equal("", process.StandardOutput.ReadToEnd());
    }

    [Fact]
    public void No_text_is_Limas()
    {
        if (OurTemplates.Find(output) is not { } ours || LimaData.Root(output) is not { } lima) return;
        var templates = LimaData.NamesIn(Path.Combine(lima, "templates")).ToArray();
        var theirs = templates.SelectMany(name => Runs(LimaData.Read(lima, name))).ToHashSet(StringComparer.Ordinal);
        var shared = ours.Names.SelectMany(name => Runs(ours.Read(name)).Where(theirs.Contains).Select(run => $"{name}: {run}"));
        Assert.Equal([], shared);
    }

    /// <summary>Every sequence of three lines of prose or script; names of fields, images and the frame of a script are facts.</summary>
    private static IEnumerable<string> Runs(string text)
    {
        var lines = text.Split('\n').Select(line => line.Trim(' ', '\t', '#', '-')).Where(line => line.Length > 3 && !Trivial().IsMatch(line)).ToArray();
        for (var i = 0; i + 2 < lines.Length; i++) yield return string.Join(" | ", lines[i..(i + 3)]);
    }

    private (YamlMap Ours, YamlMap Theirs)? Pair(string name)
    {
        if (OurTemplates.Find(output) is not { } ours || LimaData.Root(output) is not { } lima) return null;
        if (name == "experimental/fedora-rawhide")
        {
            Assert.Equal(Facts(((YamlMap)YamlTests.Parse(LimaData.Read(lima, name)))["base"]), Facts(((YamlMap)YamlTests.Parse(ours.Read(name)))["base"]));
            return null;
        }

        return (ours.Embedded(name), OurTemplates.Embedded(new LimaTemplateSource(Path.Combine(lima, "templates")), name));
    }

    private static IEnumerable<Section> Items(YamlMap root, string key) => new Section(root, "", root.At).Items(key);

    private static string[] Images(YamlMap root) => [.. Items(root, "images").Select(image =>
        string.Join(' ', ((string[])["location", "digest", "arch", "variant", "archVariant"]).Select(key => image.Text(key) ?? "-")))];

    private static string[] Provisions(YamlMap root) => [.. Items(root, "provision").Select(entry =>
        string.Join(' ', ((string[])["mode", "path", "format", "owner", "permissions"]).Select(key => entry.Text(key) ?? "-"))).Order(StringComparer.Ordinal)];

    /// <summary>What is set, one line each, in any order; what is set to nothing is not set.</summary>
    private static string[] Facts(YamlNode? node) => [.. Walk(node, "").Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Walk(YamlNode? node, string path) => node switch
    {
        null or { IsNull: true } => [],
        YamlMap map => map.Entries.SelectMany(entry => Walk(entry.Value, $"{path}.{entry.Key.Value}")),
        YamlList list => list.Items.SelectMany((item, i) => Walk(item, $"{path}[{i}]")),
        YamlScalar scalar => [$"{path}={scalar.Value}"],
        _ => [],
    };

    [GeneratedRegex("`([a-z0-9./-]+)`")]
    private static partial Regex DocumentedName();

    [GeneratedRegex(@"\{\{[^}]*\}\}")]
    private static partial Regex Expression();

    [GeneratedRegex(@"^(#?!?/bin/|!/bin|set -e|fi$|done$|exit|else$|EOF$|(location|digest|arch|variant|archVariant|mode|script|base|images|template:[\w./-]+|minimumLimaVersion|containerd|system|user|mounts|provision|probes|hostResolver|hosts|host\.docker\.internal|portForwards|copyToHost|guest|host|guestSocket|hostSocket|skipIfMissing|deleteOnStop|message|param|path|owner|permissions|format|video|display|vmType|os|osOpts|Windows|virtioWin|plain|tpm|mountType|mountTypesUnsupported|vmOpts|qemu|cpuType|x86_64|firmware|legacyBIOS|content|[a-zA-Z0-9.]+):?( |:|$)([""'\w:/.{}~\[\]-]*\|?)$)|^\w+: (null|true|false|\{\}|\[\])$")]
    private static partial Regex Trivial();
}
