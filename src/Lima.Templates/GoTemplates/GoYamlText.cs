using System.Globalization;
using System.Text;

namespace Lima.Templates.GoTemplates;

/// <summary>Scalars in YAML, quoted where Lima's library quotes.</summary>
internal static class GoYamlText
{
    private static readonly HashSet<string> Words = new(
        ["null", "Null", "NULL", "~", "true", "True", "TRUE", "false", "False", "FALSE", "y", "Y", "yes", "Yes", "YES", "n", "N",
            "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF", ".inf", ".Inf", ".INF", "-.inf", "-.Inf", "-.INF", ".nan", ".NaN", ".NAN", "-"],
        StringComparer.Ordinal);

    private static readonly string[] Times =
        ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd't'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd", "H:m"];

    /// <summary>A text on one line; line breaks in it are escaped.</summary>
    public static string Scalar(string text) => NeedsQuotes(text) || text.Contains('\n') ? GoQuote.Quote(text) : text;

    public static string Number(double value)
    {
        if (double.IsNaN(value)) return ".nan";
        if (double.IsInfinity(value)) return value > 0 ? ".inf" : "-.inf";
        var text = GoFloats.Text(value, 'g', -1);
        return text.AsSpan().ContainsAny(".e") ? text : text + ".0";
    }

    /// <summary>Whether a text is written as a literal block.</summary>
    public static bool IsBlock(string text) => text.Contains('\n') && !NeedsQuotes(text);

    public static void WriteBlock(StringBuilder to, string text, int indent, bool indentEmpty)
    {
        var ends = text.EndsWith('\n');
        to.Append('|').Append(!ends ? "-" : text.EndsWith("\n\n", StringComparison.Ordinal) ? "+" : "").Append('\n');
        var lines = (ends ? text[..^1] : text).Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            // Of the empty lines at the end, which a plus sign keeps, the last has no spaces.
            if (lines[i].Length > 0 || (indentEmpty && !(ends && i == lines.Length - 1))) to.Append(' ', indent);
            to.Append(lines[i]).Append('\n');
        }
    }

    private static bool NeedsQuotes(string text)
    {
        if (text.Length == 0 || Words.Contains(text) || text.Contains('\r') || IsNumber(text) || IsTime(text)) return true;
        if ("*&[{}],!|>%'\"@ `".Contains(text[0]) || text[^1] is ':' or ' ') return true;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is '#' or '\\') return true;
            if (text[i] is ':' or '-' && i + 1 < text.Length && text[i + 1] == ' ') return true;
        }

        return false;
    }

    private static bool IsNumber(string text)
    {
        var digits = (text[0] is '+' or '-' ? text[1..] : text).Replace("_", "", StringComparison.Ordinal);
        if (digits.Length == 0 || text[0] == '_') return false;
        if (digits.Contains('.')) return double.TryParse(digits, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out _);
        return digits switch
        {
            ['0', 'x', .. var hex] => hex.Length > 0 && hex.All(char.IsAsciiHexDigit),
            ['0', 'o', .. var octal] => IsOctal(octal),
            ['0', 'b', .. var binary] => binary.Length > 0 && binary.All(c => c is '0' or '1'),
            ['0', _, ..] => IsOctal(digits),
            _ => digits.All(char.IsAsciiDigit),
        };
    }

    private static bool IsOctal(string digits) => digits.Length > 0 && digits.All(c => c is >= '0' and <= '7');

    private static bool IsTime(string text) => text.Length is >= 3 and <= 40 && char.IsAsciiDigit(text[0])
        && DateTime.TryParseExact(text, Times, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
}
