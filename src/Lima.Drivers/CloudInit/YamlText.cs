using System.Text;

namespace Lima.Drivers.CloudInit;

/// <summary>Scalars of YAML that read back as exactly the text given, whatever is in it.</summary>
internal static class YamlText
{
    /// <summary>A double-quoted scalar. All but printable ASCII is escaped.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var rune in text.EnumerateRunes()) quoted.Append(Escape(rune));
        return quoted.Append('"').ToString();
    }

    /// <summary>
    /// What follows <c>key:</c> for a text of several lines: a literal block, its lines indented by
    /// <paramref name="indent"/> blanks; or a quoted scalar where a block would not keep the text as it is.
    /// Ends with a line feed.
    /// </summary>
    public static string Block(string text, int indent)
    {
        if (!KeptByBlock(text)) return $" {Quote(text)}\n";
        var margin = new string(' ', indent);
        var block = new StringBuilder(" |\n");
        foreach (var line in text[..^1].Split('\n')) block.Append(line.Length == 0 ? "" : margin).Append(line).Append('\n');
        return block.ToString();
    }

    // A block takes its indentation from its first line and ends with one line feed; it has no escapes.
    private static bool KeptByBlock(string text) =>
        text.Length > 1
        && text[0] is not (' ' or '\n' or '\t')
        && text[^1] == '\n'
        && text[^2] != '\n'
        && text.All(letter => letter is '\n' or '\t' or (>= ' ' and <= '~'));

    private static string Escape(Rune rune) => rune.Value switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\n' => "\\n",
        '\t' => "\\t",
        >= ' ' and <= '~' => rune.ToString(),
        <= 0xFF => $"\\x{rune.Value:X2}",
        <= 0xFFFF => $"\\u{rune.Value:X4}",
        _ => $"\\U{rune.Value:X8}",
    };
}
