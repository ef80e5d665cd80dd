using System.Collections.Immutable;
using Lima.Templates.Yaml;

namespace Lima.Templates;

/// <summary>
/// A map of the template with its path. Readers give null for what is absent, set to null, or of the wrong type: types
/// have been checked, and reported, before anybody reads.
/// </summary>
internal sealed class Section(YamlMap? map, string path, Position at)
{
    public string Path { get; } = path;

    /// <summary>Where the section starts; its parent's start when it is absent.</summary>
    public Position Start { get; } = at;

    /// <summary>The value of a key, if it is set.</summary>
    public YamlNode? Node(string key) => map?[key] is { IsNull: false } node ? node : null;

    /// <summary>Whether a key is set, to whatever.</summary>
    public bool Has(string key) => Node(key) is not null;

    public string? Text(string key) => YamlScalars.AsText(Node(key));

    public bool? Bool(string key) => YamlScalars.AsBool(Node(key));

    public long? Integer(string key) => YamlScalars.AsInteger(Node(key));

    /// <summary>The map under a key; an empty one when there is none.</summary>
    public Section Map(string key) => new(Node(key) as YamlMap, FieldPath(key), At(key));

    /// <summary>The maps of a list; anything else in it counts as an empty map, so that indexes stay right.</summary>
    public IEnumerable<Section> Items(string key) => Nodes(key).Select((item, i) => new Section(item as YamlMap, $"{FieldPath(key)}[{i}]", item.At));

    /// <summary>The values of a list.</summary>
    public ImmutableArray<YamlNode> Nodes(string key) => (Node(key) as YamlList)?.Items ?? [];

    /// <summary>The texts of a list; an item that is set to null is an empty text.</summary>
    public IEnumerable<string> Texts(string key) => Nodes(key).OfType<YamlScalar>().Select(item => item.IsNull ? "" : item.Value);

    /// <summary>Keys and texts of a map whose keys the user chooses; a value that is set to null is an empty text.</summary>
    public IEnumerable<(YamlScalar Key, YamlScalar Value, string Text)> Pairs(string key) =>
        ((Node(key) as YamlMap)?.Entries ?? [])
            .Where(entry => entry.Value is YamlScalar)
            .Select(entry => (entry.Key, (YamlScalar)entry.Value, YamlScalars.AsText(entry.Value) ?? ""));

    /// <summary>Position of a key's value, or of this section when it is absent.</summary>
    public Position At(string key) => map?[key]?.At ?? Start;

    /// <summary>Path of a key of this section.</summary>
    public string FieldPath(string key) => Path.Length == 0 ? key : $"{Path}.{key}";
}
