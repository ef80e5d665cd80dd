using System.Globalization;

namespace Lima.Cli;

/// <summary>Durations as Go writes them: <c>10m</c>, <c>90s</c>, <c>1h30m</c>, <c>1.5s</c>, <c>250ms</c>.</summary>
internal static class GoDuration
{
    private static readonly System.Buffers.SearchValues<char> Digits = System.Buffers.SearchValues.Create("0123456789.");

    /// <summary>Reads a duration; false when it is not one, is not positive, or is longer than a year.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        var seconds = 0.0;
        var rest = text.AsSpan();
        if (rest.IsEmpty) return false;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(Digits);
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
            rest = rest[digits..];
            var letters = rest.IndexOfAny(Digits);
            var unit = letters < 0 ? rest : rest[..letters];
            double? factor = unit switch { "h" => 3600, "m" => 60, "s" => 1, "ms" => 0.001, "us" or "µs" => 1e-6, "ns" => 1e-9, _ => null };
            if (factor is null) return false;
            seconds += number * factor.Value;
            rest = rest[unit.Length..];
        }

        if (seconds is <= 0 or > 366 * 86400.0) return false;
        duration = TimeSpan.FromSeconds(seconds);
        return true;
    }

    /// <summary>Reads the value of an option.</summary>
    /// <exception cref="CliException">It is no duration.</exception>
    public static TimeSpan Parse(string option, string text) => TryParse(text, out var duration)
        ? duration
        : throw CliException.Usage($"invalid duration `{text}` for {option}", "write it like 90s, 10m or 1h30m");
}
