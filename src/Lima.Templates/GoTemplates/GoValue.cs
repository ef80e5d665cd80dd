using System.Collections.Immutable;

namespace Lima.Templates.GoTemplates;

/// <summary>A value as a Go template sees it. Values never change.</summary>
public abstract class GoValue
{
    /// <summary>No value: a key that a map does not have, or Go's untyped nil. Printed as <c>&lt;no value&gt;</c>.</summary>
    public static GoValue Nil { get; } = new GoNil();

    /// <summary>Name of its type in Go's words, for messages and <c>%T</c>: <c>int</c>, <c>map[string]string</c>.</summary>
    public abstract string TypeName { get; }

    /// <summary>A string, or no value for null.</summary>
    public static GoValue Of(string? text) => text is null ? Nil : new GoString(text);

    /// <summary>A whole number.</summary>
    public static GoValue Of(long number) => new GoInt(number);

    /// <summary>A truth value.</summary>
    public static GoValue Of(bool value) => value ? GoBool.True : GoBool.False;

    /// <summary>A map of strings, as Lima's <c>.Param</c>.</summary>
    public static GoMap Of(IEnumerable<KeyValuePair<string, string>> texts) =>
        new(texts.Select(pair => KeyValuePair.Create(pair.Key, Of(pair.Value))), "string");
}

/// <summary>No value.</summary>
public sealed class GoNil : GoValue
{
    internal GoNil()
    {
    }

    /// <inheritdoc/>
    public override string TypeName => "nil";
}

/// <summary>A truth value.</summary>
public sealed class GoBool : GoValue
{
    internal static readonly GoBool True = new(true);
    internal static readonly GoBool False = new(false);

    private GoBool(bool value) => Value = value;

    /// <summary>The value.</summary>
    public bool Value { get; }

    /// <inheritdoc/>
    public override string TypeName => "bool";
}

/// <summary>A whole number.</summary>
/// <param name="value">The number.</param>
/// <param name="typeName">Go's type, of those with a sign or without.</param>
public sealed class GoInt(long value, string typeName = "int") : GoValue
{
    /// <summary>The number.</summary>
    public long Value => value;

    /// <inheritdoc/>
    public override string TypeName => typeName;
}

/// <summary>A number with a fraction (Go's float64).</summary>
/// <param name="value">The number.</param>
public sealed class GoFloat(double value) : GoValue
{
    /// <summary>The number.</summary>
    public double Value => value;

    /// <inheritdoc/>
    public override string TypeName => "float64";
}

/// <summary>A string. Where Go counts bytes (<c>len</c>, <c>index</c>, <c>slice</c>), those of its UTF-8 form are counted.</summary>
/// <param name="value">The text.</param>
/// <param name="typeName">Go's type; of a type that prints itself as this text, its name.</param>
public sealed class GoString(string value, string typeName = "string") : GoValue
{
    /// <summary>The text.</summary>
    public string Value => value;

    /// <inheritdoc/>
    public override string TypeName => typeName;
}

/// <summary>A list.</summary>
/// <param name="items">Its items.</param>
/// <param name="elementType">Type of the items in Go's words.</param>
/// <param name="isNil">Whether it is Go's nil list: it prints the same, but is <c>null</c> in JSON and equal to nil.</param>
public sealed class GoList(ImmutableArray<GoValue> items, string elementType = "interface {}", bool isNil = false) : GoValue
{
    /// <summary>Its items.</summary>
    public ImmutableArray<GoValue> Items => items;

    /// <summary>Type of the items in Go's words.</summary>
    public string ElementType => elementType;

    /// <summary>Whether it is Go's nil list.</summary>
    public bool IsNil => isNil;

    /// <inheritdoc/>
    public override string TypeName => "[]" + elementType;
}

/// <summary>A map with string keys. A key it does not have gives no value.</summary>
public sealed class GoMap : GoValue
{
    private readonly Dictionary<string, GoValue> _values;

    /// <summary>A map of these entries, of which the last of a key counts.</summary>
    /// <param name="entries">Its entries, in any order.</param>
    /// <param name="elementType">Type of the values in Go's words.</param>
    /// <param name="isNil">Whether it is Go's nil map: it prints the same, but is <c>null</c> in JSON and equal to nil.</param>
    public GoMap(IEnumerable<KeyValuePair<string, GoValue>> entries, string elementType = "interface {}", bool isNil = false)
    {
        (ElementType, IsNil) = (elementType, isNil);
        _values = new(StringComparer.Ordinal);
        foreach (var (key, value) in entries) _values[key] = value;
        Entries = [.. _values.OrderBy(entry => entry.Key, GoBytes.Order)];
    }

    /// <summary>Its entries, in the order in which Go ranges over them: by the bytes of their keys.</summary>
    public ImmutableArray<KeyValuePair<string, GoValue>> Entries { get; }

    /// <summary>Type of the values in Go's words.</summary>
    public string ElementType { get; }

    /// <summary>Whether it is Go's nil map.</summary>
    public bool IsNil { get; }

    /// <inheritdoc/>
    public override string TypeName => "map[string]" + ElementType;

    /// <summary>The value of a key; null when it has none.</summary>
    public GoValue? Find(string key) => _values.GetValueOrDefault(key);
}

/// <summary>
/// A pointer. It is true when it points to something, whatever that is; it prints as what it points to; it cannot be compared
/// with a plain value.
/// </summary>
/// <param name="target">What it points to; null for Go's nil pointer.</param>
/// <param name="targetType">Type of that in Go's words.</param>
public sealed class GoPointer(GoValue? target, string targetType) : GoValue
{
    /// <summary>What it points to; null for Go's nil pointer.</summary>
    public GoValue? Target => target;

    /// <inheritdoc/>
    public override string TypeName => "*" + targetType;
}

/// <summary>A struct: named fields in an order. A field it does not have is an error.</summary>
public sealed class GoStruct : GoValue
{
    private readonly Dictionary<string, GoValue> _byName = new(StringComparer.Ordinal);

    /// <summary>A struct of these fields.</summary>
    /// <param name="typeName">Its type in Go's words: <c>limatype.Instance</c>.</param>
    /// <param name="fields">Its fields; their names differ.</param>
    public GoStruct(string typeName, ImmutableArray<GoField> fields)
    {
        (TypeName, Fields) = (typeName, fields);
        foreach (var field in fields) _byName[field.Name] = field.Value;
        foreach (var field in fields)
        {
            if (!field.Embedded || field.Value is not GoStruct inner) continue;
            foreach (var (name, value) in inner._byName) _byName.TryAdd(name, value);
        }
    }

    /// <summary>Its fields, in their order.</summary>
    public ImmutableArray<GoField> Fields { get; }

    /// <inheritdoc/>
    public override string TypeName { get; }

    /// <summary>The value of a field, its own or of an embedded struct; null when there is none of this name.</summary>
    public GoValue? Field(string name) => _byName.GetValueOrDefault(name);
}

/// <summary>A field of a struct.</summary>
/// <param name="Name">Its name in Go, which templates use.</param>
/// <param name="JsonName">Its name in JSON and YAML; "-" when it has none.</param>
/// <param name="OmitEmpty">Whether JSON and YAML leave it out while it is empty.</param>
/// <param name="Value">Its value.</param>
/// <param name="Embedded">Whether the fields of this struct count as fields of the outer one as well.</param>
public sealed record GoField(string Name, string JsonName, bool OmitEmpty, GoValue Value, bool Embedded = false);
