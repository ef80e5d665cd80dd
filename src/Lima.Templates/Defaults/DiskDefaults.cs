using System.Collections.Immutable;
using Lima.Domain.Specs;
using Lima.Templates.Yaml;

namespace Lima.Templates.Defaults;

/// <summary>Further disks: each is a name alone, or a map.</summary>
internal static class DiskDefaults
{
    public static ImmutableArray<AdditionalDiskSpec> Disks(Reading reading) =>
    [
        .. reading.Root.Nodes("additionalDisks").Zip(reading.Root.Items("additionalDisks"), (node, section) => node is YamlMap
            ? new AdditionalDiskSpec(section.Text("name") ?? "", section.Bool("format"), section.Text("fsType"), [.. section.Texts("fsArgs")])
            : new AdditionalDiskSpec(YamlScalars.AsText(node) ?? "", null, null, [])),
    ];
}
