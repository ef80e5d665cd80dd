using System.Globalization;

namespace Lima.Host.Memory;

/// <summary>A range of this process's addresses that shows a file which is never written through it.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">First address behind it.</param>
/// <param name="Rights">As the kernel writes them: <c>r-xp</c>.</param>
/// <param name="Offset">Place in the file.</param>
/// <param name="Path">The file.</param>
internal readonly record struct MappedFile(nuint Start, nuint End, string Rights, ulong Offset, string Path)
{
    /// <summary>Reads a line of <c>/proc/self/maps</c>; null for anything but an unwritable view of a file.</summary>
    public static MappedFile? Parse(string line)
    {
        // 7f12a000-7f12b000 r-xp 00001000 08:01 1234      /usr/lib/libc.so.6
        var fields = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (fields.Length < 6 || fields[1] is not ("r-xp" or "r--p" or "r--s") || fields[4] == "0") return null;
        // Memory that only looks like a file has no copy to be read back from.
        if (!fields[5].StartsWith('/') || fields[5].StartsWith("/memfd:", StringComparison.Ordinal) || fields[5].StartsWith("/dev/", StringComparison.Ordinal)) return null;
        var ends = fields[0].Split('-');
        if (ends.Length != 2 || !Hex(ends[0], out var start) || !Hex(ends[1], out var end) || !Hex(fields[2], out var offset)) return null;
        return new MappedFile((nuint)start, (nuint)end, fields[1], offset, fields[5]);
    }

    private static bool Hex(string text, out ulong value) => ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
