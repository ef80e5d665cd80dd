using System.Collections.Immutable;

namespace Lima.Templates.Yaml;

/// <summary>Where a node starts: the text's name, and line and column from 1.</summary>
internal readonly record struct Position(string File, int Line, int Column);

/// <summary>How a scalar was written; only plain ones may mean something other than their text.</summary>
internal enum ScalarForm
{
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
    Folded,
}

/// <summary>
/// A node of a parsed text. Nodes are immutable and may be shared by several parents (aliases), so size and height are of
/// the tree that a walker sees, with aliases followed.
/// </summary>
internal abstract class YamlNode(Position at)
{
    public Position At { get; } = at;

    /// <summary>Nodes in this subtree, itself included, aliases counted every time.</summary>
    public int Size { get; protected init; } = 1;

    /// <summary>Levels of this subtree; 1 for a scalar.</summary>
    public int Height { get; protected init; } = 1;

    /// <summary>True for every way of writing that nothing is set.</summary>
    public virtual bool IsNull => false;

    /// <summary>What this is, for messages: <c>a map</c>.</summary>
    public abstract string Kind { get; }

    protected static int Add(int a, int b) => (int)Math.Min(int.MaxValue, (long)a + b);
}

/// <summary>A value without parts.</summary>
internal sealed class YamlScalar(Position at, string value, ScalarForm form, string tag = "") : YamlNode(at)
{
    public string Value { get; } = value;

    public ScalarForm Form { get; } = form;

    /// <summary>Explicit tag in full (<c>tag:yaml.org,2002:str</c>), or empty.</summary>
    public string Tag { get; } = tag;

    /// <summary>Written without quotes and without a tag that makes it text.</summary>
    public bool IsPlain => Form == ScalarForm.Plain && Tag is not ("!" or "tag:yaml.org,2002:str");

    public override bool IsNull =>
        (IsPlain && Value is ("" or "~" or "null" or "Null" or "NULL")) || Tag == "tag:yaml.org,2002:null";

    public override string Kind => "a single value";
}

/// <summary>An ordered list.</summary>
internal sealed class YamlList : YamlNode
{
    public YamlList(Position at, ImmutableArray<YamlNode> items)
        : base(at)
    {
        Items = items;
        Size = items.Aggregate(1, (sum, item) => Add(sum, item.Size));
        Height = 1 + items.Aggregate(0, (most, item) => Math.Max(most, item.Height));
    }

    public ImmutableArray<YamlNode> Items { get; }

    public override string Kind => "a list";
}

/// <summary>One key of a map with its value.</summary>
internal readonly record struct YamlEntry(YamlScalar Key, YamlNode Value);

/// <summary>A map in the order of its text; keys are unique.</summary>
internal sealed class YamlMap : YamlNode
{
    private const int LinearMax = 8;
    private readonly Dictionary<string, YamlNode>? _index;

    public YamlMap(Position at, ImmutableArray<YamlEntry> entries)
        : base(at)
    {
        Entries = entries;
        Size = entries.Aggregate(1, (sum, entry) => Add(Add(sum, 1), entry.Value.Size));
        Height = 1 + entries.Aggregate(0, (most, entry) => Math.Max(most, entry.Value.Height));
        if (entries.Length > LinearMax) _index = entries.ToDictionary(entry => entry.Key.Value, entry => entry.Value, StringComparer.Ordinal);
    }

    public ImmutableArray<YamlEntry> Entries { get; }

    public override string Kind => "a map";

    /// <summary>The value of a key, or null when the key is absent; a value that is set to null is returned as a node.</summary>
    public YamlNode? this[string key]
    {
        get
        {
            if (_index is not null) return _index.GetValueOrDefault(key);
            foreach (var entry in Entries)
            {
                if (entry.Key.Value == key) return entry.Value;
            }

            return null;
        }
    }
}
