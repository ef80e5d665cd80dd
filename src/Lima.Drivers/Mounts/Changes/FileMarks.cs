using System.Runtime.InteropServices;
using Lima.Domain.Mounts;

namespace Lima.Drivers.Mounts.Changes;

/// <summary>Looks at files to the nanosecond, which .NET does not, and sets times back as exactly.</summary>
internal static unsafe partial class FileMarks
{
    private const int WorkingDirectory = -100;
    private const int NoFollow = 0x100;
    private const uint TypeModeTimeSize = 0x1 | 0x2 | 0x40 | 0x200;
    private const int BufferBytes = 256, ModeAt = 28, SizeAt = 40, ModifiedAt = 112;
    private const long Omit = 0x3ffffffe;
    private const long Second = 1_000_000_000;
    private const int TypeBits = 0xf000, LinkType = 0xa000, DirectoryType = 0x4000;

    /// <summary>How it is now, a link itself and not what it leads to; null when it is not there.</summary>
    public static FileMark? Of(string path)
    {
        var seen = stackalloc byte[BufferBytes];
        if (StatX(WorkingDirectory, path, NoFollow, TypeModeTimeSize, seen) != 0) return null;
        var mode = *(ushort*)(seen + ModeAt);
        var size = (mode & TypeBits) == DirectoryType ? 0 : *(long*)(seen + SizeAt);
        return new FileMark((*(long*)(seen + ModifiedAt) * Second) + *(uint*)(seen + ModifiedAt + 8), size, mode);
    }

    /// <summary>Whether it is a symbolic link.</summary>
    public static bool IsLink(FileMark mark) => (mark.Mode & TypeBits) == LinkType;

    /// <summary>Gives it the fraction of a second back that the guest took, unless something else has happened to it since.</summary>
    public static void Restore(string path, FileMark told)
    {
        if (told == told.Rounded || Of(path) is not { } now || now.Modified != told.Rounded.Modified) return;
        var times = stackalloc long[4] { 0, Omit, told.Seconds, told.Modified - (told.Seconds * Second) };
        // Who may not do this could not be told of by the guest either, so there is nothing to give back.
        _ = SetTimes(WorkingDirectory, path, times, NoFollow);
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int directory, string path, int flags, uint mask, byte* seen);

    [LibraryImport("libc", EntryPoint = "utimensat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetTimes(int directory, string path, long* times, int flags);
}
