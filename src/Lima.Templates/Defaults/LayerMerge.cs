using System.Collections.Immutable;
using Lima.Templates.Schema;
using Lima.Templates.Yaml;

namespace Lima.Templates.Defaults;

/// <summary>
/// Puts the user's defaults (d) below a template (y) and the user's overrides (o) above it. All three are in canonical
/// form. What is combined by something that is computed later (mounts, networks) is only put into its order.
/// </summary>
internal static class LayerMerge
{
    /// <summary>Fields that the other two files do not reach.</summary>
    private static readonly ImmutableHashSet<string> TemplateOnly = ["base", "minimumLimaVersion", "cpuType", "rosetta", "message"];

    public static YamlMap Merge(YamlMap d, YamlMap y, YamlMap o) =>
        d.Entries.IsEmpty && o.Entries.IsEmpty ? y : Fields(LimaSchema.Root, "", d, y, o);

    private static YamlMap Fields(SchemaField field, string path, YamlMap? d, YamlMap? y, YamlMap? o)
    {
        var entries = ImmutableArray.CreateBuilder<YamlEntry>();
        foreach (var own in field.Fields)
        {
            var at = path.Length == 0 ? own.Name : $"{path}.{own.Name}";
            var value = TemplateOnly.Contains(at) ? y?[own.Name] : Value(own, at, d?[own.Name], y?[own.Name], o?[own.Name]);
            if (value is not null) entries.Add(new YamlEntry(Values.Key(value.At, own.Name), value));
        }

        return new YamlMap((y ?? o ?? d)!.At, entries.DrainToImmutable());
    }

    private static YamlNode? Value(SchemaField field, string path, YamlNode? d, YamlNode? y, YamlNode? o) => field.Type switch
    {
        _ when d is null && o is null => y,
        FieldType.Map when field.Open => Overlay(d, y, o),
        FieldType.Map => Fields(field, path, d as YamlMap, y as YamlMap, o as YamlMap),
        FieldType.TextMap => Overlay(d, y, o),
        FieldType.List => List(path, d as YamlList, y as YamlList, o as YamlList),
        _ => o ?? y ?? d,
    };

    private static YamlMap Overlay(YamlNode? d, YamlNode? y, YamlNode? o)
    {
        var entries = new SortedDictionary<string, YamlEntry>(StringComparer.Ordinal);
        foreach (var layer in new[] { d, y, o }.OfType<YamlMap>())
        {
            foreach (var entry in layer.Entries) entries[entry.Key.Value] = entry;
        }

        return new YamlMap((y ?? o ?? d)!.At, [.. entries.Values]);
    }

    private static YamlList List(string path, YamlList? d, YamlList? y, YamlList? o)
    {
        var at = (y ?? o ?? d)!.At;
        return path switch
        {
            "dns" => o ?? y ?? d!,
            "mounts" or "networks" => new YamlList(at, [.. Items(d), .. Items(y), .. Items(o)]),
            "caCerts.files" or "caCerts.certs" => new YamlList(at, [.. Items(d).Concat(Items(y)).Concat(Items(o)).DistinctBy(YamlScalars.AsText)]),
            _ => new YamlList(at, [.. Items(o), .. Items(y), .. Items(d)]),
        };
    }

    private static ImmutableArray<YamlNode> Items(YamlList? list) => list?.Items ?? [];
}
