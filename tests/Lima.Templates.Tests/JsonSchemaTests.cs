using System.Text.Json;
using Lima.Templates.Schema;
using Xunit.Abstractions;

namespace Lima.Templates.Tests;

/// <summary>The JSON schema beside Lima's own: the same properties, of the same types, with the same words.</summary>
public sealed class JsonSchemaTests(ITestOutputHelper output)
{
    [Fact]
    public void The_schema_says_what_Limas_says()
    {
        if (LimaData.Root(output) is not { } root) return;
        using var theirs = JsonDocument.Parse(File.ReadAllText(Path.Combine(root, "schema-limayaml.json")));
        using var ours = Written();
        var lima = theirs.RootElement;
        Assert.Equal(
            Lines(lima, lima.GetProperty("$defs").GetProperty("LimaYAML"), "").Order(StringComparer.Ordinal),
            Lines(ours.RootElement, ours.RootElement, "").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_key_is_in_the_schema_and_nothing_else_is_allowed()
    {
        using var ours = Written();
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", ours.RootElement.GetProperty("$schema").GetString());
        Assert.Equal(
            LimaSchema.Root.Fields.Select(field => field.Name),
            ours.RootElement.GetProperty("properties").EnumerateObject().Select(property => property.Name));
        Assert.False(ours.RootElement.GetProperty("additionalProperties").GetBoolean());
        Assert.Equal(["location"], Property(ours.RootElement, "images").GetProperty("items").GetProperty("required").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal("system", Property(Property(ours.RootElement, "provision").GetProperty("items"), "mode").GetProperty("default").GetString());
    }

    private static JsonElement Property(JsonElement schema, string name) => schema.GetProperty("properties").GetProperty(name);

    private static JsonDocument Written()
    {
        var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer)) JsonSchema.Write(writer);
        return JsonDocument.Parse(buffer.ToArray());
    }

    /// <summary>One line for every property: its path, its types without null, its words, its default, whether it is required.</summary>
    private static IEnumerable<string> Lines(JsonElement root, JsonElement schema, string path)
    {
        schema = Resolved(root, schema);
        var types = Types(root, schema).Where(type => type != "null").Distinct().Order(StringComparer.Ordinal);
        var words = Array(schema, "enum").Where(word => word is not null);
        var required = Parts(root, schema).SelectMany(part => Array(part, "required")).Distinct().Order(StringComparer.Ordinal);
        var usual = schema.TryGetProperty("default", out var value) ? value.GetString() : "";
        yield return $"{path}: {string.Join('|', types)} [{string.Join(' ', words)}] {usual} ({string.Join(' ', required)})";
        foreach (var part in Parts(root, schema))
        {
            if (part.TryGetProperty("properties", out var properties))
            {
                foreach (var line in properties.EnumerateObject().SelectMany(p => Lines(root, p.Value, $"{path}.{p.Name}"))) yield return line;
            }

            if (part.TryGetProperty("items", out var items))
            {
                foreach (var line in Lines(root, items, path + "[]")) yield return line;
            }
        }
    }

    private static IEnumerable<string> Types(JsonElement root, JsonElement schema) => Parts(root, schema).SelectMany(part =>
        !part.TryGetProperty("type", out var type) ? [] : type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(t => t.GetString()!) : [type.GetString()!]);

    /// <summary>A schema and its alternatives.</summary>
    private static IEnumerable<JsonElement> Parts(JsonElement root, JsonElement schema)
    {
        yield return schema;
        if (!schema.TryGetProperty("oneOf", out var alternatives)) yield break;
        foreach (var part in alternatives.EnumerateArray().SelectMany(alternative => Parts(root, Resolved(root, alternative)))) yield return part;
    }

    private static JsonElement Resolved(JsonElement root, JsonElement schema) => schema.TryGetProperty("$ref", out var reference)
        ? root.GetProperty("$defs").GetProperty(reference.GetString()!.Split('/')[^1])
        : schema;

    private static IEnumerable<string?> Array(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out var list) ? list.EnumerateArray().Select(item => item.GetString()) : [];
}
