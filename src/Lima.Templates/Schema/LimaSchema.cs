using System.Collections.Immutable;
using static Lima.Templates.Schema.FieldEffect;
using static Lima.Templates.Schema.FieldPresence;

namespace Lima.Templates.Schema;

/// <summary>Every key of <c>lima.yaml</c>: its type, whether it is in effect in this version, and what replaces it.</summary>
public static partial class LimaSchema
{
    /// <summary>Processor architectures in Lima's words.</summary>
    public static ImmutableArray<string> Architectures { get; } = ["x86_64", "aarch64", "armv7l", "ppc64le", "riscv64", "s390x"];

    /// <summary>Guest operating systems in Lima's words.</summary>
    public static ImmutableArray<string> OperatingSystems { get; } = ["Linux", "Darwin", "FreeBSD", "Windows"];

    /// <summary>Hypervisors in Lima's words.</summary>
    public static ImmutableArray<string> VmTypes { get; } = ["qemu", "vz", "wsl2"];

    /// <summary>Ways of mounting in Lima's words.</summary>
    public static ImmutableArray<string> MountTypes { get; } = ["reverse-sshfs", "9p", "virtiofs", "wsl2"];

    /// <summary>The file as a whole; its <see cref="SchemaField.Fields"/> are the top-level keys.</summary>
    public static SchemaField Root { get; } = Map("", [.. Machine(), .. Storage(), .. Guest(), .. Access()]);

    /// <summary>
    /// Every key with its path, lists as <c>[]</c>, in the order of the table; what lies below a field that is not in
    /// effect is not in effect either.
    /// </summary>
    public static IEnumerable<(string Path, SchemaField Field)> All() => Below("", Root);

    private static IEnumerable<(string Path, SchemaField Field)> Below(string prefix, SchemaField parent)
    {
        var (path, map) = parent.Element is { } element ? (prefix + "[]", element) : (prefix, parent);
        foreach (var own in map.Fields)
        {
            var field = parent.Effect == NotYet ? own with { Effect = NotYet } : own;
            var at = path.Length == 0 ? field.Name : $"{path}.{field.Name}";
            yield return (at, field);
            foreach (var inner in Below(at, field)) yield return inner;
        }
    }

    private static SchemaField Text(string name, FieldEffect effect = InEffect) => new(name, FieldType.Text, effect);

    private static SchemaField Integer(string name, FieldEffect effect = InEffect) => new(name, FieldType.Integer, effect);

    private static SchemaField Bool(string name, FieldEffect effect = InEffect) => new(name, FieldType.Bool, effect);

    private static SchemaField Size(string name, FieldEffect effect = InEffect) => new(name, FieldType.Size, effect);

    private static SchemaField TextMap(string name, FieldEffect effect = InEffect) =>
        new(name, FieldType.TextMap, effect) { Presence = WhenNotEmpty };

    private static SchemaField Map(string name, ImmutableArray<SchemaField> fields, FieldEffect effect = InEffect) =>
        new(name, FieldType.Map, effect) { Fields = fields, Presence = WhenNotEmpty };

    private static SchemaField List(string name, SchemaField element, FieldEffect effect = InEffect) =>
        new(name, FieldType.List, effect) { Element = element, Presence = WhenNotEmpty };

    private static SchemaField Texts(string name, FieldEffect effect = InEffect) => List(name, Text(""), effect);

    private static SchemaField Maps(string name, FieldEffect effect, params ImmutableArray<SchemaField> fields) =>
        List(name, Map("", fields), effect);

    private static SchemaField Choice(string name, ImmutableArray<string> choices, FieldEffect effect = InEffect) =>
        new(name, FieldType.Choice, effect) { Choices = choices };

    /// <summary>A text elsewhere with an optional digest, or just its locator.</summary>
    private static SchemaField Reference(string name, FieldEffect effect) => Map(
        name,
        [new SchemaField("url", FieldType.Locator, effect) { Presence = Always }, Text("digest", effect)],
        effect) with { OrSingle = true, Presence = WhenSet };

    /// <summary>A field without a value of its own for "not set".</summary>
    private static SchemaField Bare(SchemaField field) => field with { Presence = WhenNotEmpty };

    private static SchemaField Address(string name) => Bare(Text(name)) with { Address = true };

    private static SchemaField Ports(string name) => List(name, Integer("")) with { Length = 2 };

    private static ImmutableArray<SchemaField> File() =>
    [
        Text("location") with { Presence = Always },
        Bare(Choice("arch", [.. Architectures, "default"])),
        Bare(Text("digest")),
    ];
}
