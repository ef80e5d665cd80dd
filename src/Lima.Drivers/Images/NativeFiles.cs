using System.Runtime.InteropServices;

namespace Lima.Drivers.Images;

/// <summary>System calls that .NET does not offer: kernel locks on directories, hard links, file identity, process groups.</summary>
internal static partial class NativeFiles
{
    internal const int NotThere = 2;
    internal const int Interrupted = 4;
    internal const int WouldBlock = 11;
    internal const int LockExclusive = 2;
    internal const int LockNonBlocking = 4;
    internal const int Unlock = 8;
    internal const int SigTerm = 15;
    internal const int SigKill = 9;

    private const int OpenCloseOnExec = 0x80000;
    private const int CurrentDirectory = -100;
    private const int NoFollow = 0x100;
    private const int EmptyPath = 0x1000;
    private const uint BasicStats = 0x7ff;
    private const int TypeMask = 0xf000;
    private const int OrdinaryFile = 0x8000;

    /// <summary>Whether this process runs as root.</summary>
    internal static bool IsRoot => EffectiveUser() == 0;

    /// <summary>A descriptor for locking, not inherited by children; -1 on failure.</summary>
    internal static int OpenForLock(string path) => Open(path, OpenCloseOnExec);

    /// <summary>Identity and size of a file by path, or null when it is not there.</summary>
    internal static FileIdentity? Identify(string path) => Identify(CurrentDirectory, path, NoFollow);

    /// <summary>The same of what a link leads to.</summary>
    internal static FileIdentity? IdentifyTarget(string path) => Identify(CurrentDirectory, path, 0);

    /// <summary>Identity and size of an open file.</summary>
    internal static FileIdentity? Identify(int descriptor) => Identify(descriptor, "", EmptyPath);

    /// <summary>Whether a path names an ordinary file: no directory, link, socket, pipe or device.</summary>
    internal static unsafe bool IsOrdinary(string path)
    {
        var stats = stackalloc byte[256];
        return StatX(CurrentDirectory, path, NoFollow, BasicStats, stats) == 0
            && (MemoryMarshal.Read<ushort>(new ReadOnlySpan<byte>(stats + 28, 2)) & TypeMask) == OrdinaryFile;
    }

    private static unsafe FileIdentity? Identify(int descriptor, string path, int flags)
    {
        // struct statx has one layout on every architecture, unlike struct stat.
        var stats = stackalloc byte[256];
        if (StatX(descriptor, path, flags, BasicStats, stats) != 0) return null;
        var view = new ReadOnlySpan<byte>(stats, 256);
        return new FileIdentity(
            MemoryMarshal.Read<ulong>(view[136..]), MemoryMarshal.Read<ulong>(view[32..]), 512 * MemoryMarshal.Read<long>(view[48..]));
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    internal static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    internal static partial int Lock(int descriptor, int operation);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Link(string existing, string name);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    internal static partial int Signal(int process, int signal);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int StatX(int descriptor, string path, int flags, uint mask, byte* stats);
}

/// <summary>Which file it is, whatever its name.</summary>
/// <param name="Device">Device, major and minor.</param>
/// <param name="Inode">Inode on that device.</param>
/// <param name="AllocatedBytes">Bytes it takes on the disk; not part of its identity.</param>
internal readonly record struct FileIdentity(ulong Device, ulong Inode, long AllocatedBytes)
{
    /// <summary>Same file, whatever its size was at the time.</summary>
    internal bool IsSameFile(FileIdentity other) => Device == other.Device && Inode == other.Inode;
}
