using System.Globalization;

namespace Lima.Templates.Validation;

/// <summary>Sizes as Lima writes them: a number, perhaps with a fraction, and a unit that is always a power of 1024.</summary>
public static class SizeText
{
    private const string Units = "kmgtp";

    /// <summary>Bytes, or null when the text is no size. <c>1M</c>, <c>1MB</c>, <c>1MiB</c> and <c>1 mib</c> are all 1048576.</summary>
    public static long? Parse(string text)
    {
        var end = text.AsSpan().LastIndexOfAnyInRange('0', '9') + 1;
        if (end < text.Length && end > 0 && text[end] == '.') end++;
        var number = text.AsSpan(0, end);
        var suffix = text.AsSpan(end);
        if (suffix.StartsWith(" ")) suffix = suffix[1..];
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)) return null;
        if (Multiplier(suffix) is not { } multiplier) return null;
        var bytes = value * multiplier;
        return bytes < long.MaxValue ? (long)bytes : null;
    }

    /// <summary>A size for people, in the largest unit that divides it: <c>4GiB</c>, <c>1536MiB</c>.</summary>
    public static string Format(long bytes)
    {
        var power = 0;
        while (power < Units.Length && bytes != 0 && bytes % 1024 == 0)
        {
            bytes /= 1024;
            power++;
        }

        return power == 0 ? $"{bytes}B" : $"{bytes}{char.ToUpperInvariant(Units[power - 1])}iB";
    }

    /// <summary>A size with four digits at most, in the largest unit that leaves at least 1: <c>4GiB</c>, <c>3.877GiB</c>.</summary>
    public static string Rounded(long bytes)
    {
        var (value, power) = ((double)bytes, 0);
        for (; value >= 1024 && power < Units.Length; power++) value /= 1024;
        var number = value.ToString("G4", CultureInfo.InvariantCulture);
        return power == 0 ? $"{number}B" : $"{number}{char.ToUpperInvariant(Units[power - 1])}iB";
    }

    private static long? Multiplier(ReadOnlySpan<char> suffix)
    {
        if (suffix.IsEmpty || suffix.Equals("b", StringComparison.OrdinalIgnoreCase)) return 1;
        var power = Units.IndexOf(char.ToLowerInvariant(suffix[0]), StringComparison.Ordinal) + 1;
        var rest = suffix[1..];
        var unit = rest.IsEmpty || rest.Equals("b", StringComparison.OrdinalIgnoreCase) || rest.Equals("ib", StringComparison.OrdinalIgnoreCase);
        return power > 0 && unit ? 1L << (10 * power) : null;
    }
}
