using System.Globalization;
using System.Numerics;

namespace Lima.Templates.GoTemplates;

/// <summary>Texts of fractions as Go's strconv makes them, exact to any number of digits.</summary>
internal static class GoFloats
{
    /// <summary>No double has more digits than this; what is asked for beyond are zeros.</summary>
    private const int DigitsMax = 1100;

    /// <summary>Text of a number.</summary>
    /// <param name="value">The number.</param>
    /// <param name="format"><c>e</c>, <c>f</c> or <c>g</c>.</param>
    /// <param name="precision">Digits after the point (<c>g</c>: in all); -1 for as many as tell it from every other number.</param>
    public static string Text(double value, char format, int precision)
    {
        if (!double.IsFinite(value)) return double.IsNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
        var sign = double.IsNegative(value) ? "-" : "";
        var shortest = precision < 0;
        if (format == 'g' && precision == 0) precision = 1;
        var (digits, point) = shortest ? Shortest(Math.Abs(value)) : Exact(Math.Abs(value));
        if (!shortest) (digits, point) = Round(digits, point, format switch { 'e' => precision + 1, 'f' => point + precision, _ => precision });
        return sign + (format == 'g' ? General(digits, point, shortest, precision) : format == 'e'
            ? Scientific(digits, point, shortest ? Math.Max(digits.Length - 1, 0) : precision)
            : Fixed(digits, point, shortest ? Math.Max(digits.Length - point, 0) : precision));
    }

    /// <summary>Text of a finite number by its bits, all of them: <c>b</c> (mantissa and exponent of two) or <c>x</c> (hexadecimal).</summary>
    public static string Binary(double value, char format)
    {
        var bits = BitConverter.DoubleToInt64Bits(Math.Abs(value));
        var exponent = (int)(bits >> 52);
        var mantissa = (bits & ((1L << 52) - 1)) | (exponent > 0 ? 1L << 52 : 0);
        var power = Math.Max(exponent, 1) - 1075;
        var sign = double.IsNegative(value) ? "-" : "";
        if (format == 'b') return $"{sign}{mantissa}p{(power < 0 ? '-' : '+')}{Math.Abs(power)}";
        if (mantissa == 0) return sign + "0x0p+00";
        for (; mantissa >> 52 == 0; power--) mantissa <<= 1;
        power += 52;
        var fraction = (mantissa & ((1L << 52) - 1)).ToString("x13", CultureInfo.InvariantCulture).TrimEnd('0');
        return $"{sign}0x1{(fraction.Length > 0 ? "." : "")}{fraction}p{(power < 0 ? '-' : '+')}{Math.Abs(power):00}";
    }

    private static string General(string digits, int point, bool shortest, int precision)
    {
        var limit = shortest ? 6 : precision > digits.Length && digits.Length >= point ? digits.Length : precision;
        var exponent = point - 1;
        if (exponent < -4 || exponent >= limit) return Scientific(digits, point, Math.Max(Math.Min(shortest ? digits.Length : precision, digits.Length) - 1, 0));
        return Fixed(digits, point, Math.Max(digits.Length - point, 0));
    }

    private static string Scientific(string digits, int point, int precision)
    {
        var exponent = digits.Length == 0 ? 0 : point - 1;
        var first = digits.Length == 0 ? "0" : digits[..1];
        var rest = precision == 0 ? "" : "." + (digits.Length > 1 ? digits[1..] : "").PadRight(precision, '0')[..precision];
        return $"{first}{rest}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }

    private static string Fixed(string digits, int point, int precision)
    {
        var whole = point > 0 ? digits.PadRight(point, '0')[..point] : "0";
        if (precision == 0) return whole;
        var fraction = point >= 0 ? (point < digits.Length ? digits[point..] : "") : new string('0', -point) + digits;
        return whole + "." + fraction.PadRight(precision, '0')[..precision];
    }

    /// <summary>The digits without zeros at either end, and where the point stands among them: 0.05 is "5" at -1.</summary>
    private static (string Digits, int Point) Trimmed(string digits, int point)
    {
        var from = digits.TrimStart('0');
        point -= digits.Length - from.Length;
        from = from.TrimEnd('0');
        return from.Length == 0 ? ("", 0) : (from, point);
    }

    private static (string Digits, int Point) Shortest(double value)
    {
        var round = value.ToString("R", CultureInfo.InvariantCulture);
        var e = round.IndexOf('E');
        var mantissa = e < 0 ? round : round[..e];
        var exponent = e < 0 ? 0 : int.Parse(round.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var dot = mantissa.IndexOf('.');
        return Trimmed(mantissa.Replace(".", "", StringComparison.Ordinal), (dot < 0 ? mantissa.Length : dot) + exponent);
    }

    private static (string Digits, int Point) Exact(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)(bits >> 52);
        BigInteger mantissa = bits & ((1L << 52) - 1);
        if (exponent > 0) mantissa += 1L << 52;
        var power = Math.Max(exponent, 1) - 1075;

        // m / 2^k = m * 5^k / 10^k
        var scaled = (power >= 0 ? mantissa << power : mantissa * BigInteger.Pow(5, -power)).ToString(CultureInfo.InvariantCulture);
        return Trimmed(scaled, scaled.Length + Math.Min(power, 0));
    }

    /// <summary>The first <paramref name="count"/> digits, rounded to the nearest, to even when two are.</summary>
    private static (string Digits, int Point) Round(string digits, int point, int count)
    {
        count = Math.Min(count, DigitsMax);
        if (count >= digits.Length) return (digits, point);
        if (count < 0) return ("", 0);
        var kept = digits[..count];
        var half = digits[count] == '5' && digits.Length == count + 1;
        var up = half ? count > 0 && (kept[^1] - '0') % 2 == 1 : digits[count] >= '5';
        if (!up) return Trimmed(kept, point);
        var raised = (BigInteger.Parse("0" + kept, CultureInfo.InvariantCulture) + 1).ToString(CultureInfo.InvariantCulture).PadLeft(count, '0');
        return Trimmed(raised, point + raised.Length - count);
    }
}
