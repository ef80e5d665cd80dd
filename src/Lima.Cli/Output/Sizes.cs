using System.Globalization;

namespace Lima.Cli.Output;

/// <summary>Sizes and durations for people.</summary>
internal static class Sizes
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    /// <summary>Four significant digits and a binary unit: <c>4GiB</c>, <c>1.5GiB</c>, <c>512MiB</c>.</summary>
    public static string Text(long bytes)
    {
        double value = bytes;
        var unit = 0;
        while (value >= 1024 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return value.ToString("G4", CultureInfo.InvariantCulture) + Units[unit];
    }

    /// <summary><c>0.4s</c>, <c>12.3s</c>, <c>2m05s</c>.</summary>
    public static string Text(TimeSpan elapsed) => elapsed.TotalSeconds < 100
        ? elapsed.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + "s"
        : $"{(int)elapsed.TotalMinutes}m{elapsed.Seconds:00}s";
}
