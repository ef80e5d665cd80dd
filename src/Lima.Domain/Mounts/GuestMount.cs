using System.Collections.Immutable;
using System.Text;

namespace Lima.Domain.Mounts;

/// <summary>One row of the guest's mount table. The guest wrote it: it may say anything.</summary>
/// <param name="Source">What is mounted: a tag, a device, or a name.</param>
/// <param name="MountPoint">Where.</param>
/// <param name="FsType">The file system (<c>9p</c>, <c>virtiofs</c>, <c>fuse.sshfs</c>).</param>
/// <param name="ReadOnly">Whether the guest may only read.</param>
/// <param name="Options">All options, of the place and of the file system.</param>
public sealed record GuestMount(string Source, string MountPoint, string FsType, bool ReadOnly, ImmutableArray<string> Options);

/// <summary>Reads the guest's mount table.</summary>
public static class MountTable
{
    private const int RowsMax = 4096;

    /// <summary>Reads the text of <c>/proc/self/mountinfo</c>; rows that are none are left out.</summary>
    public static ImmutableArray<GuestMount> Parse(string text) =>
        [.. text.Split('\n').Take(RowsMax).Select(Row).OfType<GuestMount>()];

    /// <summary>What one sees at that place: of several mounts on each other the newest.</summary>
    public static GuestMount? At(ImmutableArray<GuestMount> table, string mountPoint) =>
        table.LastOrDefault(row => row.MountPoint == mountPoint);

    // ID PARENT MAJOR:MINOR ROOT MOUNTPOINT OPTIONS [FIELDS…] - TYPE SOURCE SUPEROPTIONS
    private static GuestMount? Row(string line)
    {
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var dash = Array.IndexOf(fields, "-", Math.Min(6, fields.Length));
        if (dash < 6 || fields.Length < dash + 3) return null;
        // A source without a name leaves its field empty.
        var (source, super) = fields.Length > dash + 3 ? (fields[dash + 2], fields[dash + 3]) : ("", fields[dash + 2]);
        ImmutableArray<string> options = [.. fields[5].Split(','), .. super.Split(',')];
        return new GuestMount(Unescape(source), Unescape(fields[4]), fields[dash + 1], options.Contains("ro"), options);
    }

    /// <summary>The kernel writes blanks and backslashes as <c>\</c> and three octal digits, byte by byte.</summary>
    private static string Unescape(string field)
    {
        if (!field.Contains('\\', StringComparison.Ordinal)) return field;
        var bytes = Encoding.UTF8.GetBytes(field);
        var read = new List<byte>(bytes.Length);
        for (var at = 0; at < bytes.Length; at++)
        {
            var isOctal = bytes[at] == '\\' && at + 3 < bytes.Length && bytes[(at + 1)..(at + 4)].All(digit => digit is >= (byte)'0' and <= (byte)'7');
            read.Add(isOctal ? (byte)(((bytes[at + 1] - '0') << 6) | ((bytes[at + 2] - '0') << 3) | (bytes[at + 3] - '0')) : bytes[at]);
            if (isOctal) at += 3;
        }

        return Encoding.UTF8.GetString([.. read]);
    }
}
