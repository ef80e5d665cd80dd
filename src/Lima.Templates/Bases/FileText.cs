using System.Globalization;
using System.Text;
using Lima.Templates.Documents;

namespace Lima.Templates.Bases;

/// <summary>The content of a file as a value: as text where it can be read and edited as such, else as <c>!!binary</c>.</summary>
internal static class FileText
{
    private const int LineMax = 65_000;
    private const int ChunkLength = 76;

    /// <summary>A scalar for a file's content.</summary>
    public static DocNode Node(byte[] content) =>
        AsText(content) is { } text
            ? new DocNode { Tag = DocTags.Str, Value = text, Style = text.Contains('\n') ? DocStyle.Literal : DocStyle.None }
            : new DocNode { Tag = "!!binary", Value = Base64(content), Style = DocStyle.Tagged | (content.Length > ChunkLength / 4 * 3 ? DocStyle.Literal : DocStyle.None) };

    /// <summary>The text, or null when a character of it would not survive, or a line is too long to be shown.</summary>
    private static string? AsText(byte[] content)
    {
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(content);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }

        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value != '\n' && !IsPrintable(rune)) return null;
            length = rune.Value == '\n' ? 0 : length + rune.Utf8SequenceLength;
            if (length >= LineMax) return null;
        }

        return text;
    }

    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static string Base64(byte[] content)
    {
        var encoded = Convert.ToBase64String(content);
        return encoded.Length <= ChunkLength ? encoded : string.Concat(encoded.Chunk(ChunkLength).Select(chunk => new string(chunk) + "\n"));
    }
}
