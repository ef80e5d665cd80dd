namespace Lima.Templates.Yaml;

/// <summary>Values of a template inside messages: one line, bounded, nothing that a terminal obeys.</summary>
internal static class Shown
{
    private const int LengthMax = 80;

    public static string Value(string text)
    {
        var cut = text.Length > LengthMax;
        if (cut) text = text[..(char.IsHighSurrogate(text[LengthMax - 1]) ? LengthMax - 1 : LengthMax)];
        if (text.Any(char.IsControl)) text = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        return cut ? text + "…" : text;
    }

    /// <summary>A node the way its author would recognise it.</summary>
    public static string Node(YamlNode node) => node is YamlScalar scalar ? $"`{Value(scalar.Value)}`" : node.Kind;
}
