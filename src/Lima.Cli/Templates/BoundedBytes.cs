using Lima.Cli.Output;

namespace Lima.Cli.Templates;

/// <summary>Reads what somebody else wrote, and no more of it than a template may be long.</summary>
internal static class BoundedBytes
{
    /// <summary>Longest template, script or file that is read, in bytes; Lima's own limit.</summary>
    public const int Max = 4 << 20;

    /// <summary>All of a stream.</summary>
    /// <param name="from">The stream.</param>
    /// <param name="source">What it is, for the message.</param>
    /// <param name="length">Its length where that is known beforehand.</param>
    /// <exception cref="CliException">It is longer than <see cref="Max"/>.</exception>
    public static byte[] Read(Stream from, string source, long? length = null)
    {
        if (length > Max) throw TooLarge(source, length);
        using var kept = new MemoryStream();
        var buffer = new byte[64 << 10];
        int read;
        while ((read = from.Read(buffer, 0, buffer.Length)) > 0)
        {
            if (kept.Length + read > Max) throw TooLarge(source, null);
            kept.Write(buffer, 0, read);
        }

        return kept.ToArray();
    }

    /// <summary>The beginning of a stream.</summary>
    public static byte[] Peek(Stream from, int bytes)
    {
        var buffer = new byte[bytes];
        var length = 0;
        for (int read; length < bytes && (read = from.Read(buffer, length, bytes - length)) > 0;) length += read;
        return buffer[..length];
    }

    private static CliException TooLarge(string source, long? length) =>
        new($"`{Printable.Line(source)}` is larger than 4 MiB{(length is { } bytes ? $" ({bytes} bytes)" : "")}");
}
