using System.Globalization;

namespace Lima.Templates.Yaml;

/// <summary>What a scalar means as a value of a type, with the liberties that Lima takes.</summary>
internal static class YamlScalars
{
    /// <summary><c>true</c> or <c>false</c>; quoted text is no truth value, nor are <c>yes</c> and <c>on</c>.</summary>
    public static bool? AsBool(YamlNode? node) => node is YamlScalar { IsPlain: true } scalar
        ? scalar.Value switch
        {
            "true" or "True" or "TRUE" => true,
            "false" or "False" or "FALSE" => false,
            _ => null,
        }
        : null;

    /// <summary>A whole number; strings are accepted (<c>guestPort: "80"</c>), and 0x, 0o, 0b and <c>_</c> as YAML has them.</summary>
    public static long? AsInteger(YamlNode? node)
    {
        if (node is not YamlScalar scalar) return null;
        var text = scalar.Value.AsSpan().Trim();
        var negative = text.StartsWith("-");
        if (negative || text.StartsWith("+")) text = text[1..];
        if (text.IsEmpty || !char.IsAsciiDigit(text[0]) || text[^1] == '_') return null;
        var digits = text.Contains('_') ? text.ToString().Replace("_", "", StringComparison.Ordinal) : text;
        long value;
        var parsed = digits.Length > 2 && digits[0] == '0' && !char.IsAsciiDigit(digits[1])
            ? Prefixed(digits, out value)
            : long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        return parsed ? negative ? -value : value : null;
    }

    /// <summary>Any scalar as text, as written; null when it is a list, a map or not set.</summary>
    public static string? AsText(YamlNode? node) => node is YamlScalar { IsNull: false } scalar ? scalar.Value : null;

    private static bool Prefixed(ReadOnlySpan<char> digits, out long value)
    {
        value = 0;
        var radix = digits[1] switch { 'x' or 'X' => 16, 'o' or 'O' => 8, 'b' or 'B' => 2, _ => 0 };
        if (radix == 0) return false;
        foreach (var c in digits[2..])
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : radix;
            if (digit >= radix || value > (long.MaxValue - digit) / radix) return false;
            value = (value * radix) + digit;
        }

        return true;
    }
}
