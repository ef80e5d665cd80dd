using System.Collections.Immutable;
using Lima.Templates.Schema;
using Lima.Templates.Yaml;

namespace Lima.Templates.Defaults;

/// <summary>A map of the template while its defaults are being filled in. What is added has the place of the map itself.</summary>
internal sealed class Draft
{
    private readonly SchemaField _field;
    private readonly Dictionary<string, YamlNode> _values = new(StringComparer.Ordinal);

    public Draft(YamlMap? map, SchemaField field, string path, Position at)
    {
        (_field, Path, At) = (field, path, at);
        foreach (var (key, value) in map?.Entries ?? []) _values[key.Value] = value;
    }

    /// <summary>Path of this map in the file; empty for the file itself.</summary>
    public string Path { get; }

    /// <summary>Where the map starts.</summary>
    public Position At { get; }

    /// <summary>A value, null when it is not set; setting null removes it.</summary>
    public YamlNode? this[string key]
    {
        get => _values.GetValueOrDefault(key);
        set
        {
            if (value is null) _values.Remove(key);
            else _values[key] = value;
        }
    }

    public string? Text(string key) => YamlScalars.AsText(this[key]);

    public bool? Bool(string key) => YamlScalars.AsBool(this[key]);

    public long? Integer(string key) => YamlScalars.AsInteger(this[key]);

    /// <summary>Replaces or adds a text, in the place of the one before.</summary>
    public void Set(string key, string text) => this[key] = Values.Text(this[key]?.At ?? At, text);

    /// <summary>Replaces or adds a truth value.</summary>
    public void Set(string key, bool value) => this[key] = Values.Bool(this[key]?.At ?? At, value);

    public void Default(string key, string text) => this[key] ??= Values.Text(At, text);

    public void Default(string key, bool value) => this[key] ??= Values.Bool(At, value);

    public void Default(string key, long value) => this[key] ??= Values.Integer(At, value);

    /// <summary>Two ports.</summary>
    public void Ports(string key, long first, long last) => this[key] = new YamlList(At, [Values.Integer(At, first), Values.Integer(At, last)]);

    /// <summary>The map under a key; what is done to it counts once it is given back.</summary>
    public Draft Map(string key) => new(this[key] as YamlMap, _field.Find(key)!, FieldPath(key), this[key]?.At ?? At);

    /// <summary>Takes a map back that <see cref="Map"/> gave out; an empty one is as if it were not set.</summary>
    public void Keep(string key, Draft map) => this[key] = map._values.Count == 0 ? null : map.ToMap();

    /// <summary>The maps of a list.</summary>
    public List<Draft> Items(string key) =>
        [.. ((this[key] as YamlList)?.Items ?? []).Select((item, i) => new Draft(item as YamlMap, _field.Find(key)!.Element!, $"{FieldPath(key)}[{i}]", item.At))];

    /// <summary>Takes such maps back.</summary>
    public void Keep(string key, List<Draft> items) =>
        this[key] = items.Count == 0 ? null : new YamlList(this[key]?.At ?? At, [.. items.Select(item => item.ToMap())]);

    /// <summary>Path of a key of this map.</summary>
    public string FieldPath(string key) => Path.Length == 0 ? key : $"{Path}.{key}";

    /// <summary>The map as it is now, keys in Lima's order.</summary>
    public YamlMap ToMap()
    {
        var entries = ImmutableArray.CreateBuilder<YamlEntry>(_values.Count);
        foreach (var field in _field.Fields)
        {
            if (_values.TryGetValue(field.Name, out var value)) entries.Add(new YamlEntry(Values.Key(value.At, field.Name), value));
        }

        return new YamlMap(At, entries.ToImmutable());
    }
}
