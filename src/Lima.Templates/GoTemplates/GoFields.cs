using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lima.Templates.GoTemplates;

/// <summary>
/// Lima's configuration and list entries the way templates see them: under Go's names (<c>.Config.CPUs</c>,
/// <c>.SSHLocalPort</c>), with Go's zero values for what JSON leaves out.
/// </summary>
public static partial class GoFields
{
    private const string ConfigType = "limatype.LimaYAML";
    private const string ForwardType = "limatype.Forward";
    private const string InstanceType = "store.FormatData";

    /// <summary>Levels of a value of any type (<c>vmOpts</c>); what is deeper is nil.</summary>
    private const int DepthMax = 60;

    private static readonly FrozenDictionary<string, ImmutableArray<FieldRule>> Structs = ReadTable();

    /// <summary>Names of the fields of a list entry in Go, as <c>limactl list --list-fields</c> shows them, but in their own order.</summary>
    public static ImmutableArray<string> InstanceFieldNames { get; } = [.. Structs["limatype.Instance"].Select(field => field.Name)];

    /// <summary>What <c>.</c> is in <c>limactl list --format</c> and in <c>message</c>.</summary>
    /// <param name="entry">A JSON object as <c>limactl list --json</c> prints it.</param>
    public static GoStruct Instance(JsonElement entry) => Struct(InstanceType, entry);

    /// <inheritdoc cref="Instance(JsonElement)"/>
    public static GoStruct Instance(JsonObject entry) => Struct(InstanceType, Element(entry));

    /// <summary>What <c>.</c> is in <c>limactl port list --format</c>.</summary>
    /// <param name="forward">A JSON object as <c>limactl port list --json</c> prints it.</param>
    public static GoStruct Forward(JsonElement forward) => Struct(ForwardType, forward);

    /// <summary>What <c>.Config</c> is there.</summary>
    /// <param name="config">A filled configuration as a JSON object.</param>
    public static GoStruct Config(JsonElement config) => Struct(ConfigType, config);

    /// <inheritdoc cref="Config(JsonElement)"/>
    public static GoStruct Config(JsonObject config) => Struct(ConfigType, Element(config));

    private static JsonElement Element(JsonObject json)
    {
        using var document = JsonDocument.Parse(json.ToJsonString());
        return document.RootElement.Clone();
    }

    private static FrozenDictionary<string, ImmutableArray<FieldRule>> ReadTable()
    {
        var structs = new Dictionary<string, List<FieldRule>>(StringComparer.Ordinal);
        List<FieldRule> fields = [];
        foreach (var line in Table.Split('\n'))
        {
            if (line[0] != ' ') structs[line] = fields = [];
            else fields.Add(Rule(line.Trim().Split(' ')));
        }

        return structs.ToFrozenDictionary(entry => entry.Key, entry => entry.Value.ToImmutableArray(), StringComparer.Ordinal);
    }

    private static FieldRule Rule(string[] words) => words[0] == "+"
        ? new FieldRule(words[1][(words[1].IndexOf('.') + 1)..], "", words[1], OmitEmpty: false, Embedded: true)
        : new FieldRule(words[0], words[1], words[2], OmitEmpty: words.Length == 3, Embedded: false);

    private static GoStruct Struct(string type, JsonElement? json) => new(
        type,
        [.. Structs[type].Select(field => new GoField(
            field.Name,
            field.JsonName,
            field.OmitEmpty,
            field.Embedded ? Struct(field.Type, json) : Value(field.Type, Member(json, field.JsonName)),
            field.Embedded))]);

    private static JsonElement? Member(JsonElement? json, string name) =>
        json is { ValueKind: JsonValueKind.Object } map && map.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

    private static GoValue Value(string type, JsonElement? json)
    {
        if (type[0] == '*') return new GoPointer(json is null ? null : Value(type[1..], json), type[1..]);
        if (type.StartsWith("[]", StringComparison.Ordinal)) return List(type[2..], json);
        if (type.StartsWith("[2]", StringComparison.Ordinal)) return Pair(type[3..], json);
        if (type.StartsWith("map[string]", StringComparison.Ordinal)) return Map(type["map[string]".Length..], json);
        return type switch
        {
            "any" => json is null ? GoValue.Nil : Any(json.Value, 0),
            "bool" => GoValue.Of(json is { ValueKind: JsonValueKind.True }),
            "int" or "int64" or "uint32" => new GoInt(Number(json), type),
            "net.IP" when Text(json).Length == 0 => new GoPointer(null, type),
            "string" or "digest.Digest" or "error" or "net.IP" => new GoString(Text(json), type),
            _ => Struct(type, json),
        };
    }

    private static GoList List(string type, JsonElement? json) => json is { ValueKind: JsonValueKind.Array } list
        ? new GoList([.. list.EnumerateArray().Select(item => Value(type, item))], Named(type))
        : new GoList([], Named(type), isNil: true);

    /// <summary>Go's array of two, as of port ranges.</summary>
    private static GoList Pair(string type, JsonElement? json)
    {
        var items = json is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().Select(item => (JsonElement?)item) : [];
        return new GoList([.. items.Concat([null, null]).Take(2).Select(item => Value(type, item))], Named(type));
    }

    private static GoMap Map(string type, JsonElement? json) => json is { ValueKind: JsonValueKind.Object } map
        ? new GoMap(map.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, Value(type, member.Value))), Named(type))
        : new GoMap([], Named(type), isNil: true);

    private static string Named(string type) => type == "any" ? "interface {}" : type;

    private static GoValue Any(JsonElement json, int depth) => depth > DepthMax ? GoValue.Nil : json.ValueKind switch
    {
        JsonValueKind.Object => new GoMap(json.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, Any(member.Value, depth + 1)))),
        JsonValueKind.Array => new GoList([.. json.EnumerateArray().Select(item => Any(item, depth + 1))]),
        JsonValueKind.String => GoValue.Of(json.GetString()),
        JsonValueKind.True or JsonValueKind.False => GoValue.Of(json.ValueKind == JsonValueKind.True),
        JsonValueKind.Number when json.TryGetInt64(out var whole) => new GoInt(whole, whole < 0 ? "int64" : "uint64"),
        JsonValueKind.Number => new GoFloat(json.GetDouble()),
        _ => GoValue.Nil,
    };

    private static long Number(JsonElement? json) => json switch
    {
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var whole) => whole,
        { ValueKind: JsonValueKind.String } text when long.TryParse(text.GetString(), out var whole) => whole,
        _ => 0,
    };

    private static string Text(JsonElement? json) => json switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => "",
    };

    private sealed record FieldRule(string Name, string JsonName, string Type, bool OmitEmpty, bool Embedded);
}
