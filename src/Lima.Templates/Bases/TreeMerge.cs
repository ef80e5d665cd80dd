using System.Collections.Immutable;
using Lima.Templates.Validation;
using Lima.Templates.Yaml;

namespace Lima.Templates.Bases;

/// <summary>How a base's values enter a template.</summary>
internal static class TreeMerge
{
    /// <summary>
    /// Missing keys are added, scalars kept, lists appended; base entries of <c>provision</c> and <c>probes</c> come first,
    /// <c>dns</c> is only taken when there is none, versions keep the higher, unsupported mount types are united.
    /// </summary>
    public static YamlMap Merge(YamlMap own, YamlMap from) => Merge(own, from, "");

    private static YamlMap Merge(YamlMap own, YamlMap from, string path)
    {
        var entries = ImmutableArray.CreateBuilder<YamlEntry>(own.Entries.Length);
        foreach (var entry in own.Entries)
        {
            var inner = path.Length == 0 ? entry.Key.Value : $"{path}.{entry.Key.Value}";
            entries.Add(from[entry.Key.Value] is { IsNull: false } other ? entry with { Value = Value(entry.Value, other, inner) } : entry);
        }

        entries.AddRange(from.Entries.Where(entry => own[entry.Key.Value] is null));
        return new YamlMap(own.At, entries.DrainToImmutable());
    }

    private static YamlNode Value(YamlNode own, YamlNode from, string path) => (own, from) switch
    {
        ({ IsNull: true }, _) => from,
        (YamlMap a, YamlMap b) => Merge(a, b, path),
        (YamlList a, YamlList b) => new YamlList(a.Items.IsEmpty ? b.At : a.At, Items(a.Items, b.Items, path)),
        (YamlScalar a, YamlScalar b) when path is "minimumLimaVersion" or "vmOpts.qemu.minimumVersion" => Higher(a, b),
        _ => own,
    };

    private static ImmutableArray<YamlNode> Items(ImmutableArray<YamlNode> own, ImmutableArray<YamlNode> from, string path) => path switch
    {
        "provision" or "probes" => from.AddRange(own),
        "dns" => own.IsEmpty ? from : own,
        "mountTypesUnsupported" => own.AddRange(from.Where(item => !own.Any(has => YamlScalars.AsText(has) == YamlScalars.AsText(item)))),
        _ => own.AddRange(from),
    };

    private static YamlScalar Higher(YamlScalar own, YamlScalar from) =>
        LimaVersion.Parse(from.Value) is { } theirs && LimaVersion.Parse(own.Value) is { } ours && theirs.CompareTo(ours) > 0 ? from : own;
}
