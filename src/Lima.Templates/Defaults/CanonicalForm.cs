using System.Collections.Immutable;
using System.Net;
using Lima.Templates.Schema;
using Lima.Templates.Yaml;

namespace Lima.Templates.Defaults;

/// <summary>
/// One form for everything that can be written in several: known keys in Lima's order, values of the fields' types, no
/// nulls, a single locator or name as the map that it stands for. Every node keeps its place in the text.
/// </summary>
internal static class CanonicalForm
{
    /// <summary>A document in that form. What has a wrong type counts as not set; that it has is reported elsewhere.</summary>
    public static YamlMap Of(YamlNode root) => Map(root as YamlMap ?? new YamlMap(root.At, []), LimaSchema.Root);

    private static YamlMap Map(YamlMap map, SchemaField field)
    {
        var entries = ImmutableArray.CreateBuilder<YamlEntry>();
        foreach (var own in field.Fields)
        {
            var value = Value(map[own.Name], own);
            if (value is null && own.Presence == FieldPresence.Always) value = Values.Text(map.At, "");
            if (value is null || (own.Presence == FieldPresence.WhenNotEmpty && IsEmpty(value))) continue;
            entries.Add(new YamlEntry(Values.Key(value.At, own.Name), value));
        }

        return new YamlMap(map.At, entries.DrainToImmutable());
    }

    private static YamlNode? Value(YamlNode? node, SchemaField field) => node is null or { IsNull: true } ? null : field.Type switch
    {
        FieldType.Map => node switch
        {
            YamlMap map => field.Open ? Free(map) : Map(map, field),
            YamlScalar when field.OrSingle => Map(Wrapped(node, field), field),
            _ => null,
        },
        FieldType.TextMap => node is YamlMap map ? Texts(map) : null,
        FieldType.List => node switch
        {
            YamlList list => new YamlList(node.At, [.. list.Items.Select(item => Item(item, field.Element!))]),
            _ when field.OrSingle => new YamlList(node.At, [Item(node, field.Element!)]),
            _ => null,
        },
        FieldType.Integer => YamlScalars.AsInteger(node) is { } number ? Values.Integer(node.At, number) : null,
        FieldType.Bool => YamlScalars.AsBool(node) is { } truth ? Values.Bool(node.At, truth) : null,
        _ => YamlScalars.AsText(node) is { } text ? Values.Text(node.At, field.Address ? Address(text) : text) : null,
    };

    /// <summary>An item of a list, which must not go missing lest the others get another index.</summary>
    private static YamlNode Item(YamlNode node, SchemaField field) => Value(node, field) ?? field.Type switch
    {
        FieldType.Map => Map(new YamlMap(node.At, []), field),
        FieldType.Integer => Values.Integer(node.At, 0),
        _ => Values.Text(node.At, ""),
    };

    private static YamlMap Wrapped(YamlNode node, SchemaField field) =>
        new(node.At, [new YamlEntry(Values.Key(node.At, field.Fields[0].Name), node)]);

    private static YamlMap Texts(YamlMap map) => new(map.At, [.. map.Entries
        .Where(entry => entry.Value is YamlScalar)
        .Select(entry => entry with { Value = Values.Text(entry.Value.At, YamlScalars.AsText(entry.Value) ?? "") })
        .OrderBy(entry => entry.Key.Value, StringComparer.Ordinal)]);

    /// <summary>Values of which nothing is known, with sorted keys, as Go writes its maps.</summary>
    private static YamlNode Free(YamlNode node) => node switch
    {
        YamlMap map => new YamlMap(map.At, [.. map.Entries
            .Select(entry => entry with { Value = Free(entry.Value) })
            .OrderBy(entry => entry.Key.Value, StringComparer.Ordinal)]),
        YamlList list => new YamlList(list.At, [.. list.Items.Select(Free)]),
        YamlScalar { IsPlain: false, IsNull: false } text => Values.Text(text.At, text.Value),
        _ => node,
    };

    private static bool IsEmpty(YamlNode node) => node switch
    {
        YamlMap map => map.Entries.IsEmpty,
        YamlList list => list.Items.IsEmpty,
        YamlScalar scalar => scalar.Value.Length == 0 || (scalar.IsPlain && scalar.Value is "0" or "false"),
        _ => false,
    };

    private static string Address(string text) => !IPAddress.TryParse(text, out var address) ? text
        : address.IsIPv4MappedToIPv6 ? address.MapToIPv4().ToString() : address.ToString();
}
