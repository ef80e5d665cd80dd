using System.Globalization;

namespace Lima.Domain.Specs;

/// <summary>Sizes for people.</summary>
public static class ByteSize
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
}
