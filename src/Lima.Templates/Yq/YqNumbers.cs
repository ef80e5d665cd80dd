using System.Globalization;
using Lima.Templates.Documents;

namespace Lima.Templates.Yq;

/// <summary>Numbers as yq reads and writes them.</summary>
internal static class YqNumbers
{
    /// <summary>A whole number, also with 0x, 0o and <c>_</c>; null when it is none.</summary>
    public static long? Integer(string text)
    {
        var digits = text.Contains('_') ? text.Replace("_", "", StringComparison.Ordinal) : text;
        var sign = digits.Length > 0 && digits[0] is '+' or '-' ? 1 : 0;
        if (digits.AsSpan(sign).StartsWith("0x", StringComparison.OrdinalIgnoreCase) || digits.AsSpan(sign).StartsWith("0o", StringComparison.Ordinal)) return DocTags.Integer(digits);
        return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;
    }

    /// <summary>A number in the notation of another: hexadecimal and octal stay what they are.</summary>
    public static string Like(string model, long value) =>
        model.Contains("0x", StringComparison.OrdinalIgnoreCase) ? (value < 0 ? "-" : "") + "0x" + Math.Abs(value).ToString("X")
        : model.Contains("0o", StringComparison.Ordinal) ? (value < 0 ? "-" : "") + "0o" + Convert.ToString(Math.Abs(value), 8)
        : value.ToString(CultureInfo.InvariantCulture);

    /// <summary>The shortest text that reads as the number, with an exponent only for the very large and very small.</summary>
    public static string Text(double value)
    {
        if (double.IsNaN(value)) return "NaN";
        if (double.IsInfinity(value)) return value > 0 ? "+Inf" : "-Inf";
        if (value == 0) return double.IsNegative(value) ? "-0" : "0";
        var parts = value.ToString("E16", CultureInfo.InvariantCulture);
        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        var exponent = int.Parse(parts.AsSpan(parts.IndexOf('E') + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = shortest.Split('E')[0];
        var digits = string.Concat(mantissa.Where(char.IsAsciiDigit)).TrimStart('0').TrimEnd('0');
        var sign = value < 0 ? "-" : "";
        if (exponent is < -4 or >= 21)
        {
            var rest = digits.Length > 1 ? "." + digits[1..] : "";
            return $"{sign}{digits[0]}{rest}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }

        if (exponent < 0) return sign + "0." + new string('0', -exponent - 1) + digits;
        return digits.Length <= exponent + 1 ? sign + digits.PadRight(exponent + 1, '0') : sign + digits[..(exponent + 1)] + "." + digits[(exponent + 1)..];
    }
}
