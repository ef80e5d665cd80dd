using System.Numerics;
using System.Text;

namespace Lima.Templates.GoTemplates;

/// <summary>The verbs of numbers.</summary>
internal static class GoVerbNumbers
{
    public static bool TryWrite(GoVerb verb, StringBuilder to, long value)
    {
        switch (verb.Letter)
        {
            case 'd' or 'v':
                Whole(verb, to, value, 10, "");
                return true;
            case 'b':
                Whole(verb, to, value, 2, verb.Sharp ? "0b" : "");
                return true;
            case 'o':
                Whole(verb, to, value, 8, verb.Sharp ? "0" : "");
                return true;
            case 'O':
                Whole(verb, to, value, 8, "0o");
                return true;
            case 'x' or 'X':
                Whole(verb, to, value, 16, verb.Sharp ? "0" + verb.Letter : "");
                return true;
            case 'c':
                verb.Pad(to, Character(value));
                return true;
            case 'q':
                verb.Pad(to, GoQuote.QuoteChar(value, asciiOnly: verb.Plus));
                return true;
            case 'U':
                var name = $"U+{value:X4}" + (verb.Sharp && GoQuote.IsPrintable((int)value) ? $" '{Character(value)}'" : "");
                verb.Pad(to, name, zeros: false);
                return true;
            default:
                return false;
        }
    }

    private static string Character(long value) => value is >= 0 and <= 0x10ffff && Rune.IsValid((int)value) ? new Rune((int)value).ToString() : "\ufffd";

    private static void Whole(GoVerb verb, StringBuilder to, long value, int radix, string prefix)
    {
        var sign = value < 0 ? "-" : verb.Plus && verb.Letter != 'v' ? "+" : verb.Space ? " " : "";
        var digits = value == 0 && verb.Precision == 0 ? "" : Digits(BigInteger.Abs(value), radix);
        if (verb.Letter == 'X') digits = digits.ToUpperInvariant();
        if (digits.Length == 0)
        {
            verb.Pad(to, "", zeros: false);
            return;
        }

        var least = verb.Precision ?? (verb.Zero && !verb.Minus && verb.Width is { } width ? width - sign.Length : 0);
        if (prefix == "0" && (digits[0] == '0' || digits.Length < least)) prefix = "";
        verb.Pad(to, sign + prefix + digits.PadLeft(Math.Max(least, 0), '0'), zeros: false);
    }

    private static string Digits(BigInteger value, int radix)
    {
        if (radix == 10 || value.IsZero) return value.ToString();
        var digits = new StringBuilder();
        for (; !value.IsZero; value /= radix) digits.Insert(0, "0123456789abcdef"[(int)(value % radix)]);
        return digits.ToString();
    }

    public static bool TryWrite(GoVerb verb, StringBuilder to, double value)
    {
        if (verb.Letter is not ('v' or 'e' or 'E' or 'f' or 'F' or 'g' or 'G' or 'b' or 'x' or 'X')) return false;
        var letter = verb.Letter == 'v' ? 'g' : char.ToLowerInvariant(verb.Letter);
        var text = letter is 'b' or 'x' && double.IsFinite(value)
            ? GoFloats.Binary(value, letter)
            : GoFloats.Text(value, letter, verb.Precision ?? (letter is 'e' or 'f' ? 6 : -1));
        if (verb.Letter is 'E' or 'G' or 'X') text = text.ToUpperInvariant().Replace("INF", "Inf", StringComparison.Ordinal).Replace("NAN", "NaN", StringComparison.Ordinal);
        var negative = text[0] == '-';
        var digits = text.TrimStart('-', '+');
        var sign = negative ? "-" : verb.Plus && verb.Letter != 'v' || text[0] == '+' && verb.Plus ? "+" : verb.Space ? " " : "";
        if (double.IsFinite(value) && verb is { Zero: true, Minus: false, Width: { } width }) digits = digits.PadLeft(Math.Max(width - sign.Length, 0), '0');
        verb.Pad(to, sign + (double.IsPositiveInfinity(value) && sign.Length == 0 ? "+" : "") + digits, zeros: false);
        return true;
    }
}
