using System.Runtime.InteropServices;

namespace Lima.Host.Journal;

/// <summary>Which file a path leads to.</summary>
internal static partial class FileIdentity
{
    /// <summary>Inode number; 0 when there is no such file. Seen through <c>/proc</c>-free statx, since .NET has no call for it.</summary>
    public static unsafe long Inode(string path)
    {
        var buffer = stackalloc byte[256];
        // AT_FDCWD, no flags, STATX_INO; stx_ino stands at offset 32 on every architecture.
        return statx(-100, path, 0, 0x100, buffer) == 0 ? *(long*)(buffer + 32) : 0;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statx(int directory, string path, int flags, uint mask, byte* buffer);
}
