using System.Globalization;
using Lima.Domain.Specs;

namespace Lima.Cli.Output;

/// <summary>Sizes and durations for people.</summary>
internal static class Sizes
{
    /// <inheritdoc cref="ByteSize.Text"/>
    public static string Text(long bytes) => ByteSize.Text(bytes);

    /// <summary><c>0.4s</c>, <c>12.3s</c>, <c>2m05s</c>.</summary>
    public static string Text(TimeSpan elapsed) => elapsed.TotalSeconds < 100
        ? elapsed.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + "s"
        : $"{(int)elapsed.TotalMinutes}m{elapsed.Seconds:00}s";
}
