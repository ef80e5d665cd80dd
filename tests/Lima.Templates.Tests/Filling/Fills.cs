using Lima.Templates.Yaml;

namespace Lima.Templates.Tests.Filling;

/// <summary>Fills texts and looks into the result.</summary>
internal static class Fills
{
    /// <summary>What a text, with an image added, is filled to.</summary>
    public static YamlMap Of(string y, string? d = null, string? o = null, HostFacts? host = null, InstanceFacts? instance = null)
    {
        var result = TemplateReader.Fill(Layers(y, d, o), host ?? Given.Host, instance ?? Given.Instance);
        Assert.Empty(result.Errors);
        return result.Filled!.Root;
    }

    /// <summary>Three texts with the names that they have in <c>$LIMA_HOME</c>.</summary>
    public static TemplateLayers Layers(string y, string? d = null, string? o = null) => new(
        new SourceText(Given.Image + y, "lima.yaml"),
        d is null ? null : new SourceText(d, "_config/default.yaml"),
        o is null ? null : new SourceText(o, "_config/override.yaml"));

    /// <summary>One value of a filled tree in flow form: <c>mounts[0].location</c>; <c>null</c> where there is none.</summary>
    public static string At(YamlMap root, string path)
    {
        YamlNode? node = root;
        foreach (var part in path.Replace("[", ".[", StringComparison.Ordinal).Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            node = part[0] == '[' ? (node as YamlList)?.Items.ElementAtOrDefault(int.Parse(part[1..^1])) : (node as YamlMap)?[part];
        }

        return node is null ? "null" : YamlTests.Flat(node);
    }
}
