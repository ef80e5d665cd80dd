using System.Globalization;

namespace Lima.Templates.Documents;

/// <summary>What a plain scalar is, by its looks: the rules of go-yaml, which Lima and yq read with.</summary>
public static class DocTags
{
    /// <summary>Tag of texts.</summary>
    public const string Str = "!!str";

    /// <summary>Tag of what is not set.</summary>
    public const string Null = "!!null";

    /// <summary>Tag of truth values.</summary>
    public const string Bool = "!!bool";

    /// <summary>Tag of whole numbers.</summary>
    public const string Int = "!!int";

    /// <summary>Tag of numbers with a fraction.</summary>
    public const string Float = "!!float";

    /// <summary>Tag of lists.</summary>
    public const string Seq = "!!seq";

    /// <summary>Tag of maps.</summary>
    public const string Map = "!!map";

    /// <summary>Tag of the key <c>&lt;&lt;</c>.</summary>
    public const string Merge = "!!merge";

    /// <summary>Tag of dates and times.</summary>
    public const string Timestamp = "!!timestamp";

    private const string Prefix = "tag:yaml.org,2002:";

    /// <summary>Tag of a text that stands without quotes.</summary>
    public static string Of(string plain) => plain switch
    {
        "" or "~" or "null" or "Null" or "NULL" => Null,
        "true" or "True" or "TRUE" or "false" or "False" or "FALSE" => Bool,
        "<<" => Merge,
        ".nan" or ".NaN" or ".NAN" => Float,
        _ => plain[0] is '+' or '-' or '.' || char.IsAsciiDigit(plain[0]) ? OfNumber(plain) : Str,
    };

    /// <summary>The usual short form of a tag: <c>!!str</c> for <c>tag:yaml.org,2002:str</c>.</summary>
    public static string Short(string tag) => tag.StartsWith(Prefix, StringComparison.Ordinal) ? "!!" + tag[Prefix.Length..] : tag;

    /// <summary>Whole number of a scalar's text, with 0x, 0o, 0b, a leading 0 for octal, and <c>_</c>; null when it is none.</summary>
    public static long? Integer(string text)
    {
        var digits = text.Contains('_') ? text.Replace("_", "", StringComparison.Ordinal) : text;
        var negative = digits.StartsWith('-');
        if (negative || digits.StartsWith('+')) digits = digits[1..];
        if (digits.Length == 0 || !char.IsAsciiDigit(digits[0])) return null;
        var radix = digits.Length < 2 || digits[0] != '0' ? 10 : digits[1] switch { 'x' or 'X' => 16, 'o' or 'O' => 8, 'b' or 'B' => 2, _ => 0 };
        if (radix == 10) return long.TryParse((negative ? "-" : "") + digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var plain) ? plain : null;
        var value = Digits(digits[(radix == 0 ? 1 : 2)..], radix == 0 ? 8 : radix);
        return negative ? -value : value;
    }

    /// <summary>Number of a scalar's text; null when it is none.</summary>
    public static double? Number(string text) => text switch
    {
        ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF" => double.PositiveInfinity,
        "-.inf" or "-.Inf" or "-.INF" => double.NegativeInfinity,
        ".nan" or ".NaN" or ".NAN" => double.NaN,
        _ => IsDecimal(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value
            : Integer(text),
    };

    private static string OfNumber(string text)
    {
        if (Integer(text) is not null) return Int;
        if (Number(text) is not null) return Float;
        return IsTimestamp(text) ? Timestamp : Str;
    }

    private static long? Digits(string digits, int radix)
    {
        if (digits.Length == 0) return null;
        long value = 0;
        foreach (var c in digits)
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : radix;
            if (digit >= radix || value > (long.MaxValue - digit) / radix) return null;
            value = (value * radix) + digit;
        }

        return value;
    }

    private static bool IsDecimal(string text)
    {
        var i = text.Length > 0 && (text[0] is '+' or '-') ? 1 : 0;
        var digits = 0;
        while (i < text.Length && char.IsAsciiDigit(text[i])) (i, digits) = (i + 1, digits + 1);
        if (i < text.Length && text[i] == '.')
        {
            i++;
            while (i < text.Length && char.IsAsciiDigit(text[i])) (i, digits) = (i + 1, digits + 1);
        }

        if (digits == 0) return false;
        if (i == text.Length) return true;
        if (text[i] is not ('e' or 'E')) return false;
        i++;
        if (i < text.Length && (text[i] is '+' or '-')) i++;
        return i < text.Length && text.AsSpan(i).IndexOfAnyExceptInRange('0', '9') < 0;
    }

    private static bool IsTimestamp(string text) =>
        text.Length >= 8 && text.AsSpan(0, 4).IndexOfAnyExceptInRange('0', '9') < 0 && text[4] == '-'
        && DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);

    private static readonly string[] Formats =
    [
        "yyyy-M-d", "yyyy-M-d'T'H:m:sK", "yyyy-M-d't'H:m:sK", "yyyy-M-d'T'H:m:s.FFFFFFFK", "yyyy-M-d't'H:m:s.FFFFFFFK", "yyyy-M-d H:m:s", "yyyy-M-d H:m:s.FFFFFFF",
    ];
}
