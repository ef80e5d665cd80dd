using Lima.Templates.Bases;
using Lima.Templates.Yaml;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Templates.Tests;

/// <summary>Every template of Lima's, put together here and by Lima itself.</summary>
public sealed class LimaEmbeddedTests(ITestOutputHelper output)
{
    public static TheoryData<string> Names => new(LimaData.Names());

    [Theory]
    [MemberData(nameof(Names))]
    public void Embedding_everything_gives_what_Lima_gives(string name)
    {
        if (LimaData.Root(output) is not { } root) return;
        var source = new LimaTemplateSource(Path.Combine(root, "templates"));
        var kept = Path.Combine(root, "embedded", name.Replace('/', '_') + ".yaml");
        if (!File.Exists(kept))
        {
            Assert.Equal("experimental/fedora-rawhide", name);
            output.WriteLine("SKIP: Lima made nothing of this one: it needs a plugin");
            return;
        }

        var (ours, theirs) = (Embed(name, source, EmbedOptions.Everything), File.ReadAllText(kept));
        Assert.Equal(YamlTests.Flat(Sorted(YamlTests.Parse(theirs))), YamlTests.Flat(Sorted(YamlTests.Parse(ours))));

        // A comment that Lima loses may stay.
        Assert.Equal([], Comments(theirs).Except(Comments(ours)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Without_templates_every_base_stays_a_reference(string name)
    {
        if (LimaData.Root(output) is not { } root) return;
        var source = new LimaTemplateSource(Path.Combine(root, "templates"));
        var text = LimaData.Read(root, name);
        var embedded = Embed(name, source, new EmbedOptions { All = false });
        if (name == "experimental/fedora-rawhide") Assert.Contains("cannot be read", embedded);
        else Assert.Equal(YamlTests.Flat(YamlTests.Parse(text)), YamlTests.Flat(YamlTests.Parse(embedded)));
    }

    private static string Embed(string name, LimaTemplateSource source, EmbedOptions options)
    {
        Assert.True(source.TryRead("template:" + name, out var content, out _));
        var result = TemplateReader.Embed(System.Text.Encoding.UTF8.GetString(content), "template:" + name, source, options);
        return result.Errors.IsEmpty ? result.Text : string.Join('\n', result.Errors);
    }

    /// <summary>The order of keys means nothing.</summary>
    private static YamlNode Sorted(YamlNode node) => node switch
    {
        YamlMap map => new YamlMap(map.At, [.. map.Entries.OrderBy(entry => entry.Key.Value, StringComparer.Ordinal).Select(entry => entry with { Value = Sorted(entry.Value) })]),
        YamlList list => new YamlList(list.At, [.. list.Items.Select(Sorted)]),
        _ => node,
    };

    /// <summary>Lines that hold nothing but a comment, in any order.</summary>
    private static string[] Comments(string text) => [.. text.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith('#')).Order(StringComparer.Ordinal)];
}
