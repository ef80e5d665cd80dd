using System.Collections.Immutable;

namespace Lima.Templates.Schema;

/// <summary>What a value must look like.</summary>
public enum FieldType
{
    /// <summary>Any single value, taken as written.</summary>
    Text,

    /// <summary>A whole number, or text that is one.</summary>
    Integer,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Bool,

    /// <summary>Bytes with an optional unit (<c>4GiB</c>).</summary>
    Size,

    /// <summary>One word of a few.</summary>
    Choice,

    /// <summary>Where another text is: <c>template:NAME</c>, a URL or a path.</summary>
    Locator,

    /// <summary>Fixed keys.</summary>
    Map,

    /// <summary>Keys that the user chooses, each with a single value.</summary>
    TextMap,

    /// <summary>Any number of the same.</summary>
    List,
}

/// <summary>When a field appears in what Lima writes.</summary>
public enum FieldPresence
{
    /// <summary>When it is set, to whatever.</summary>
    WhenSet,

    /// <summary>When it is something else than empty, 0 or false: setting it to that is as if it were not set.</summary>
    WhenNotEmpty,

    /// <summary>In every case; empty where it is not set.</summary>
    Always,
}

/// <summary>Whether a field changes anything in this version.</summary>
public enum FieldEffect
{
    /// <summary>It does.</summary>
    InEffect,

    /// <summary>It only matters together with another field, or changes nothing here by its nature.</summary>
    Accepted,

    /// <summary>It is checked and kept, and the user is told that nothing follows from it yet.</summary>
    NotYet,
}

/// <summary>One key of <c>lima.yaml</c>.</summary>
public sealed record SchemaField(string Name, FieldType Type, FieldEffect Effect)
{
    /// <summary>When it appears in the filled form.</summary>
    public FieldPresence Presence { get; init; }

    /// <summary>A text that must be an IP address.</summary>
    public bool Address { get; init; }

    /// <summary>How many elements a list must have; 0 for any number.</summary>
    public int Length { get; init; }

    /// <summary>Value that Lima puts where none is set; empty when it depends on more than the field.</summary>
    public string Usual { get; init; } = "";

    /// <summary>Keys of a <see cref="FieldType.Map"/>.</summary>
    public ImmutableArray<SchemaField> Fields { get; init; } = [];

    /// <summary>What a list consists of.</summary>
    public SchemaField? Element { get; init; }

    /// <summary>A map that may also be given as a single value, or a list as its only element.</summary>
    public bool OrSingle { get; init; }

    /// <summary>A map that takes keys of drivers that are not known here.</summary>
    public bool Open { get; init; }

    /// <summary>Words of a <see cref="FieldType.Choice"/>.</summary>
    public ImmutableArray<string> Choices { get; init; } = [];

    /// <summary>Whether messages put every word in backquotes.</summary>
    public bool QuotedChoices { get; init; }

    /// <summary>Values that ask for nothing, besides null, false and what is empty.</summary>
    public ImmutableArray<string> Neutral { get; init; } = [];

    /// <summary>The field to use instead of this one; empty unless deprecated.</summary>
    public string ReplacedBy { get; init; } = "";

    /// <summary>A key of this map by name; null when there is none.</summary>
    public SchemaField? Find(string name)
    {
        foreach (var field in Fields)
        {
            if (field.Name == name) return field;
        }

        return null;
    }
}
