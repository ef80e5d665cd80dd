namespace Lima.Templates.Yq.Formats;

/// <summary>An element while it is read: elements of one name are one entry, whatever stands between them.</summary>
internal sealed class XmlElement
{
    private readonly Dictionary<string, XmlEntry> _byName = new(StringComparer.Ordinal);

    public List<XmlEntry> Entries { get; } = [];

    /// <summary>Pieces of text, as comments and elements cut them.</summary>
    public List<string> Texts { get; } = [];

    public string Head { get; set; } = "";

    public string Beside { get; set; } = "";

    public string Foot { get; set; } = "";

    public void Add(string name, XmlElement element)
    {
        if (!_byName.TryGetValue(name, out var entry)) Entries.Add(_byName[name] = entry = new XmlEntry(name));
        entry.Elements.Add(element);
    }

    /// <summary>A comment after an element inside this one: of the last value where that is a plain one, else of its entry.</summary>
    public void AddFoot(string comment)
    {
        if (Entries is not [.., var last]) Foot = Join(Foot, comment);
        else if (last.Elements[0].Entries.Count == 0) last.Elements[^1].Foot = Join(last.Elements[^1].Foot, comment);
        else last.Foot = Join(last.Foot, comment);
    }

    public static string Join(string one, string other) => one.Length == 0 ? other : $"{one} {other}";
}

/// <summary>All elements of one name in another.</summary>
internal sealed record XmlEntry(string Name)
{
    public List<XmlElement> Elements { get; } = [];

    public string Foot { get; set; } = "";
}
