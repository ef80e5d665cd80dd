using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;

namespace Lima.Templates.GoTemplates;

/// <summary>Reads Go's number literals: whole ones in base 2, 8, 10 and 16, fractions, and characters.</summary>
internal static class GoNumbers
{
    private const int LengthMax = 400;

    public static bool TryRead(string text, [NotNullWhen(true)] out GoValue? value, out string problem)
    {
        (value, problem) = (null, "");
        if (text[0] == '\'')
        {
            if (GoQuote.TryUnquoteChar(text, out var code)) value = new GoInt(code);
            else problem = "malformed character constant: " + Shown(text);
            return value is not null;
        }

        if (text.Length <= LengthMax) value = IsFraction(text) ? ReadFraction(text) : ReadWhole(text, out problem);
        if (value is null && problem.Length == 0) problem = "bad number syntax: " + Shown(text);
        return value is not null;
    }

    private static string Shown(string text) => GoQuote.Quote(text.Length > 40 ? text[..40] + "…" : text);

    private static bool IsHex(string text) => text.TrimStart('+', '-').StartsWith("0x", StringComparison.OrdinalIgnoreCase);

    private static bool IsFraction(string text) => text.AsSpan().ContainsAny(".pP") || (!IsHex(text) && text.AsSpan().ContainsAny("eE"));

    private static GoInt? ReadWhole(string text, out string problem)
    {
        problem = "";
        var negative = text[0] == '-';
        var digits = text[0] is '+' or '-' ? text[1..] : text;
        var (radix, skip) = digits switch
        {
            ['0', 'x' or 'X', ..] => (16, 2),
            ['0', 'o' or 'O', ..] => (8, 2),
            ['0', 'b' or 'B', ..] => (2, 2),
            ['0', _, ..] => (8, 1),
            _ => (10, 0),
        };
        if (!Digits(digits, radix, skip, out var number)) return null;
        if (negative) number = -number;
        if (number >= long.MinValue && number <= long.MaxValue) return new GoInt((long)number);
        problem = Shown(text) + " overflows int";
        return null;
    }

    /// <summary>Digits with single underscores between them; one may also follow the prefix.</summary>
    private static bool Digits(string digits, int radix, int skip, out BigInteger number)
    {
        number = BigInteger.Zero;
        var afterDigit = skip > 0;
        if (digits.Length == skip) return false;
        foreach (var c in digits.AsSpan(skip))
        {
            if (c == '_')
            {
                if (!afterDigit) return false;
                afterDigit = false;
                continue;
            }

            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : radix;
            if (digit >= radix) return false;
            number = (number * radix) + digit;
            afterDigit = true;
        }

        return afterDigit;
    }

    private static GoFloat? ReadFraction(string text)
    {
        if (IsHex(text)) return ReadHexFraction(text);
        if (text.Contains('_')) return null;
        return double.TryParse(text, NumberStyles.Float & ~(NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite), CultureInfo.InvariantCulture, out var value)
            && double.IsFinite(value) ? new GoFloat(value) : null;
    }

    /// <summary><c>0x1.8p3</c>: the exponent, of two, must be there.</summary>
    private static GoFloat? ReadHexFraction(string text)
    {
        var negative = text[0] == '-';
        var parts = text.TrimStart('+', '-')[2..].ToLowerInvariant().Split('p');
        if (parts.Length != 2 || !int.TryParse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent)) return null;
        var point = parts[0].IndexOf('.');
        var digits = parts[0].Replace(".", "", StringComparison.Ordinal);
        if (!Digits(digits, 16, 0, out var mantissa)) return null;
        if (point >= 0) exponent -= 4 * (digits.Length - point);
        var value = Math.ScaleB((double)mantissa, Math.Clamp(exponent, -5000, 5000));
        return double.IsFinite(value) ? new GoFloat(negative ? -value : value) : null;
    }
}
