using System.Text;
using System.Text.Json;
using Lima.Templates.Yaml;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Templates.Tests.Filling;

/// <summary>Every template that Lima filled, filled here; and every instance that Lima listed.</summary>
public sealed class FilledTemplatesTests(ITestOutputHelper output)
{
    // Lima fills a template as if the instance were its own home directory.
    private static readonly InstanceFacts Nameless = new(".lima", "/home/user/.lima");

    public static TheoryData<string> Filled() => new(LimaData.Names());

    public static TheoryData<string> Instances() => Names("shared/lima/instances");

    [Theory]
    [MemberData(nameof(Filled))]
    public void A_template_is_filled_as_Lima_fills_it(string name)
    {
        if (LimaData.Root(output) is not { } lima) return;
        var expected = new FileInfo(Path.Combine(lima, "filled", name.Replace('/', '_') + ".yaml"));
        if (!expected.Exists || expected.Length == 0)
        {
            Skip($"Lima itself did not fill `{name}`");
            return;
        }

        var source = new LimaTemplateSource(Path.Combine(lima, "templates"));
        var layers = new TemplateLayers(new SourceText(LimaData.Read(lima, name), "template:" + name));
        var result = TemplateReader.Fill(layers, Given.Host, Nameless, source);
        Assert.Equal([], result.Errors.Concat(result.Warnings).Select(problem => problem.ToString()));
        var filled = YamlTests.Parse(File.ReadAllText(expected.FullName));
        Assert.Equal(Typed.Lines(filled), Typed.Lines(result.Filled!.Root));
        Assert.Equal(Order(filled), Order(result.Filled.Root));

        // What is written reads as the same, types included.
        Assert.Equal(Typed.Lines(result.Filled.Root), Typed.Lines(YamlTests.Parse(result.Filled.ToYaml())));
    }

    [Theory]
    [MemberData(nameof(Instances))]
    public void An_instance_is_listed_with_the_configuration_that_Lima_lists(string name)
    {
        if (Need.DirectoryAbove(output, "shared/lima/instances") is not { } root) return;
        var (list, kept) = (Path.Combine(root, name, "list.json"), Path.Combine(root, name, "lima.yaml"));
        if (!File.Exists(list) || !File.Exists(kept))
        {
            Skip($"`{name}` was not listed");
            return;
        }

        using var json = JsonDocument.Parse(File.ReadAllText(list));
        var (at, directory) = (json.RootElement, json.RootElement.GetProperty("dir").GetString()!);
        var result = Given.Read(File.ReadAllText(kept), instance: new InstanceFacts(at.GetProperty("name").GetString()!, directory), source: kept);
        Assert.Equal([], result.Errors.Select(error => error.ToString()));
        using var written = Written(result.Filled!.WithVmType(), emptyGroups: false);

        // Hardware addresses come from the id of the machine, which is not recorded.
        var config = at.GetProperty("config");
        Assert.Equal(Typed.Lines(config).Select(WithoutMac), Typed.Lines(written.RootElement).Select(WithoutMac));
        Assert.Equal(Typed.Keys(config), Typed.Keys(written.RootElement));
    }

    [Fact]
    public void The_default_template_is_told_as_Lima_tells_it()
    {
        if (Need.DirectoryAbove(output, "shared/lima") is not { } lima) return;
        using var info = JsonDocument.Parse(File.ReadAllText(Path.Combine(lima, "info.json")));
        var expected = info.RootElement.GetProperty("defaultTemplate");
        var input = Path.Combine(lima, "embedded", "default.yaml");
        var result = TemplateReader.Fill(new TemplateLayers(new SourceText(File.ReadAllText(input), input)), Given.Host, Nameless);
        using var written = Written(result.Filled!, emptyGroups: true);

        // Lima does not embed there; images and mounts come from the bases.
        static bool Comparable(string line) => !line.StartsWith(".base", StringComparison.Ordinal) && !line.StartsWith(".images", StringComparison.Ordinal)
            && !line.StartsWith(".mounts", StringComparison.Ordinal) && !line.StartsWith(".param", StringComparison.Ordinal);
        Assert.Equal(Typed.Lines(expected).Where(Comparable), Typed.Lines(written.RootElement).Where(Comparable));
        Assert.Equal(Typed.Keys(expected).Where(Comparable), Typed.Keys(written.RootElement).Where(Comparable));
    }

    private void Skip(string reason)
    {
        output.WriteLine("SKIP: " + reason);
        Console.WriteLine("SKIP: " + reason);
    }

    private static JsonDocument Written(FilledTemplate template, bool emptyGroups)
    {
        var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer)) template.WriteJson(writer, emptyGroups);
        return JsonDocument.Parse(Encoding.UTF8.GetString(buffer.ToArray()));
    }

    private static string WithoutMac(string line) => line.Contains(".macAddress: \"52:55:55:", StringComparison.Ordinal) ? line[..^9] : line;

    private static IEnumerable<string> Order(YamlNode node, string path = "") => node switch
    {
        YamlMap map => map.Entries.SelectMany(e => Order(e.Value, $"{path}.{e.Key.Value}").Prepend($"{path}.{e.Key.Value}")),
        YamlList list => list.Items.SelectMany((item, i) => Order(item, $"{path}[{i}]")),
        _ => [],
    };

    private static TheoryData<string> Names(string folder)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var path = Path.Combine(at.FullName, folder);
            if (Directory.Exists(path)) return new(Directory.GetDirectories(path).Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal));
        }

        // A theory must have a row; its test says that it is skipped, and why.
        return new("(none)");
    }
}
