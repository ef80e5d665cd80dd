using System.Text.Json;
using Lima.Templates.Yaml;

namespace Lima.Templates.Tests.Filling;

/// <summary>Trees as texts in which types show: <c>1</c>, <c>"1"</c>, <c>true</c> and <c>null</c> differ, the order of keys does not count.</summary>
internal static class Typed
{
    /// <summary>One line for every value, with its path.</summary>
    public static IEnumerable<string> Lines(YamlNode node, string path = "") => node switch
    {
        { IsNull: true } => [$"{path}: null"],
        YamlMap { Entries.IsEmpty: true } => [$"{path}: {{}}"],
        YamlMap map => map.Entries.OrderBy(e => e.Key.Value, StringComparer.Ordinal).SelectMany(e => Lines(e.Value, $"{path}.{e.Key.Value}")),
        YamlList { Items.IsEmpty: true } => [$"{path}: []"],
        YamlList list => list.Items.SelectMany((item, i) => Lines(item, $"{path}[{i}]")),
        YamlScalar scalar when YamlScalars.AsBool(scalar) is { } truth => [$"{path}: {(truth ? "true" : "false")}"],
        YamlScalar { IsPlain: true } scalar when YamlScalars.AsInteger(scalar) is { } number => [$"{path}: {number}"],
        YamlScalar scalar => [$"{path}: {JsonSerializer.Serialize(scalar.Value)}"],
        _ => throw new InvalidOperationException(),
    };

    /// <summary>The same of a JSON value.</summary>
    public static IEnumerable<string> Lines(JsonElement value, string path = "") => value.ValueKind switch
    {
        JsonValueKind.Object when !value.EnumerateObject().Any() => [$"{path}: {{}}"],
        JsonValueKind.Object => value.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal).SelectMany(p => Lines(p.Value, $"{path}.{p.Name}")),
        JsonValueKind.Array when value.GetArrayLength() == 0 => [$"{path}: []"],
        JsonValueKind.Array => value.EnumerateArray().SelectMany((item, i) => Lines(item, $"{path}[{i}]")),
        JsonValueKind.String => [$"{path}: {JsonSerializer.Serialize(value.GetString())}"],
        _ => [$"{path}: {value.GetRawText()}"],
    };

    /// <summary>Keys of all maps in their order.</summary>
    public static IEnumerable<string> Keys(JsonElement value, string path = "") => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(p => Keys(p.Value, $"{path}.{p.Name}").Prepend($"{path}.{p.Name}")),
        JsonValueKind.Array => value.EnumerateArray().SelectMany((item, i) => Keys(item, $"{path}[{i}]")),
        _ => [],
    };
}
