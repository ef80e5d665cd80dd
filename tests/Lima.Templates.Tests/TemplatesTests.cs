using Lima.Domain.Specs;
using Lima.Testing;
using Lima.Templates.Yaml;
using Xunit.Abstractions;

namespace Lima.Templates.Tests;

/// <summary>Whole templates: ours, and Lima's with what Lima itself makes of them.</summary>
public sealed class TemplatesTests(ITestOutputHelper output)
{
    // Reached by a scheme that a plugin resolves; without the plugin Lima cannot read it either.
    private static readonly string[] NeedPlugin = ["experimental/fedora-rawhide"];

    [Fact]
    public void Our_templates_say_what_they_promise()
    {
        if (Need.DirectoryAbove(output, "templates") is not { } root) return;
        var tiny = Given.Valid(File.ReadAllText(Path.Combine(root, "tiny.yaml")));
        Assert.Equal(("recipe:tiny", 1, 256L << 20, 1L << 30), (tiny.Images[0].Location, tiny.Cpus, tiny.MemoryBytes, tiny.DiskBytes));
        if (OurTemplates.Find(output) is not { } ours) return;
        foreach (var name in (string[])["default", "debian-12"])
        {
            var images = Given.Read(ours.Read(name), templates: ours, source: "template:" + name).Spec!.Images;
            Assert.Equal("recipe:debian-12", images.Last(image => image.Arch == "x86_64").Location);
            Assert.All(["x86_64", "aarch64"], arch => Assert.StartsWith("sha", images.First(image => image.Arch == arch).Digest));
        }
    }

    [Fact]
    public void Limas_templates_give_what_Lima_makes_of_them()
    {
        if (Need.DirectoryAbove(output, "shared/lima") is not { } lima) return;
        var source = new LimaTemplateSource(Path.Combine(lima, "templates"));
        var compared = 0;
        foreach (var name in Names(Path.Combine(lima, "templates")))
        {
            Assert.True(source.TryRead("template:" + name, out var content, out _));
            var result = Given.Read(System.Text.Encoding.UTF8.GetString(content), source: "template:" + name, templates: source);
            if (NeedPlugin.Contains(name))
            {
                Assert.Contains("cannot be read", Assert.Single(result.Errors, problem => problem.Field == "base[0]").Message);
                continue;
            }

            Assert.True(result.Errors.IsEmpty, $"{name}: {string.Join("; ", result.Errors)}");
            Assert.Equal([], result.Warnings.Where(w => w.Message.Contains("unknown key")).Select(w => w.ToString()));
            var filled = Path.Combine(lima, "filled", name.Replace('/', '_') + ".yaml");
            if (!File.Exists(filled)) continue;
            AssertEqual(name, (YamlMap)YamlTests.Parse(File.ReadAllText(filled)), result.Spec!);
            AssertSelfContained(name, result);
            compared++;
        }

        Assert.True(compared > 70, $"only {compared} templates were compared");
        output.WriteLine($"{compared} templates compared");
    }

    private static IEnumerable<string> Names(string root) => Directory.GetFiles(root, "*.yaml", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(root, file)[..^".yaml".Length])
        .Where(name => !name.StartsWith('_'))
        .Order(StringComparer.Ordinal);

    private static void AssertEqual(string name, YamlMap filled, VmSpec spec)
    {
        var root = new Section(filled, "", filled.At);
        Assert.Equal((name, root.Text("vmType") ?? "qemu", root.Text("os"), root.Text("arch")), (name, spec.VmType, spec.Os, spec.Arch));
        Assert.Equal((name, root.Integer("cpus"), Bytes(root, "memory"), Bytes(root, "disk")), (name, spec.Cpus, spec.MemoryBytes, spec.DiskBytes));
        var user = root.Map("user");

        // A guest that is no Linux has other places for homes and shells; those are not filled in yet.
        if (spec.Os == "Linux")
        {
            Assert.Equal(
                new UserSpec(user.Text("name")!, user.Text("comment")!, user.Text("home")!, user.Text("shell")!, (int)user.Integer("uid")!, user.Bool("passwordlessSudo")!.Value),
                spec.User);
        }

        Assert.Equal(root.Items("images").Select(i => Line(i.Text("location"), i.Text("arch"), i.Text("digest"), i.Text("variant"), i.Text("archVariant"))),
            spec.Images.Select(i => Line(i.Location.Replace("/home/user/Downloads", "~/Downloads"), i.Arch, i.Digest, i.Variant, i.ArchVariant)));
        Assert.Equal(root.Map("firmware").Bool("legacyBIOS"), spec.Firmware.LegacyBios);
        Assert.Equal(root.Text("timezone"), spec.Timezone);
        Assert.Equal((root.Bool("plain"), root.Bool("upgradePackages"), root.Bool("propagateProxyEnv")), (spec.Plain, spec.UpgradePackages, spec.PropagateProxyEnv));
        Assert.Equal(root.Map("video").Text("display"), spec.VideoDisplay);
        Assert.Equal(root.Pairs("param").Select(p => $"{p.Key.Value}={p.Text}").Order(), spec.Params.Select(p => $"{p.Key}={p.Value}").Order());
        Assert.Equal(root.Pairs("env").Select(p => $"{p.Key.Value}={p.Text}").Order(), spec.Env.Select(p => $"{p.Key}={p.Value}").Order());
        Assert.Equal(root.Map("vmOpts").Map("qemu").Pairs("cpuType").Select(p => $"{p.Key.Value}={p.Text}").Order(), spec.CpuTypes.Select(p => $"{p.Key}={p.Value}").Order());
        var scripts = root.Items("provision").ToArray();
        Assert.Equal(scripts.Length, spec.Provision.Length);
        for (var i = 0; i < scripts.Length; i++)
        {
            Assert.Equal(scripts[i].Text("mode"), spec.Provision[i].Mode);

            // Conditions in scripts are not expanded yet, and such a script is left as it was written.
            if (!spec.Provision[i].Script.Contains("{{")) Assert.Equal(scripts[i].Text("script"), spec.Provision[i].Script);
        }
    }

    /// <summary>The text that is kept gives the same spec without any base.</summary>
    private static void AssertSelfContained(string name, TemplateResult result)
    {
        var again = Given.Read(result.Text, source: name);
        Assert.Empty(again.Errors);
        Assert.Equal(result.Text, again.Text);
        Assert.Equal(System.Text.Json.JsonSerializer.Serialize(result.Spec), System.Text.Json.JsonSerializer.Serialize(again.Spec));
        Assert.Equal(result.NotYetInEffect.Length, again.NotYetInEffect.Length);
    }

    [Fact]
    public void Limas_instances_are_read_as_Lima_read_them()
    {
        if (Need.DirectoryAbove(output, "shared/lima/instances") is not { } root) return;
        foreach (var directory in Directory.GetDirectories(root))
        {
            var kept = Path.Combine(directory, "lima.yaml");
            if (!File.Exists(kept)) continue;
            var result = Given.Read(File.ReadAllText(kept), instance: new InstanceFacts("g", "/home/user/.lima/g"), source: kept);
            Assert.True(result.Errors.IsEmpty, string.Join("; ", result.Errors));
            var list = Path.Combine(directory, "list.json");
            if (!File.Exists(list)) continue;
            using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllText(list));
            var (at, spec) = (json.RootElement, result.Spec!);
            Assert.Equal((at.GetProperty("cpus").GetInt32(), at.GetProperty("memory").GetInt64(), at.GetProperty("disk").GetInt64()), (spec.Cpus, spec.MemoryBytes, spec.DiskBytes));
            var user = at.GetProperty("config").GetProperty("user");
            Assert.Equal((user.GetProperty("name").GetString(), user.GetProperty("home").GetString(), user.GetProperty("uid").GetInt32()), (spec.User.Name, spec.User.Home, spec.User.Uid));
            Assert.Equal(at.GetProperty("config").GetProperty("timezone").GetString(), spec.Timezone);
        }
    }

    private static long? Bytes(Section root, string key) => Validation.SizeText.Parse(root.Text(key)!);

    private static string Line(params string?[] parts) => string.Join("|", parts.Select(part => part ?? ""));
}
