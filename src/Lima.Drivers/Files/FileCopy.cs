using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lima.Drivers.Files;

/// <summary>Copies a file the cheapest way that the file system has: by sharing its blocks, else block by block, leaving holes as holes.</summary>
internal static partial class FileCopy
{
    private const int BlockBytes = 1 << 20;
    private const ulong CloneRequest = 0x40049409; // FICLONE
    private const int SeekData = 3, SeekHole = 4;
    private const int ErrorNothingMore = 6; // ENXIO

    /// <summary>Copies to a file that does not exist yet and makes it durable.</summary>
    /// <param name="source">An ordinary file.</param>
    /// <param name="target">The copy; it gets the mode of the original.</param>
    /// <param name="copied">Told how many bytes are done.</param>
    /// <param name="cancel">Gives up; a part may stay.</param>
    /// <exception cref="IOException">Reading or writing failed.</exception>
    public static async Task CopyAsync(string source, string target, Action<long> copied, CancellationToken cancel)
    {
        using var from = File.OpenHandle(source, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var to = File.OpenHandle(target, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        File.SetUnixFileMode(to, File.GetUnixFileMode(source) | UnixFileMode.UserRead);
        if (Clone((int)to.DangerousGetHandle(), CloneRequest, (int)from.DangerousGetHandle()) != 0) await CopyDataAsync(from, to, copied, cancel);
        RandomAccess.FlushToDisk(to);
    }

    private static async Task CopyDataAsync(SafeFileHandle from, SafeFileHandle to, Action<long> copied, CancellationToken cancel)
    {
        var length = RandomAccess.GetLength(from);
        RandomAccess.SetLength(to, length);
        var block = new byte[BlockBytes];
        for (long at = NextData(from, 0, length); at < length; at = NextData(from, at, length))
        {
            var end = EndOfData(from, at, length);
            while (at < end)
            {
                var read = await RandomAccess.ReadAsync(from, block.AsMemory(0, (int)Math.Min(block.Length, end - at)), at, cancel);
                if (read == 0) return;
                await RandomAccess.WriteAsync(to, block.AsMemory(0, read), at, cancel);
                at += read;
                copied(at);
            }
        }
    }

    /// <summary>Where the next data is; the end when only a hole follows. A file system that knows no holes has data everywhere.</summary>
    private static long NextData(SafeFileHandle file, long at, long length)
    {
        var found = Seek((int)file.DangerousGetHandle(), at, SeekData);
        if (found >= 0) return found;
        return Marshal.GetLastPInvokeError() == ErrorNothingMore ? length : at;
    }

    private static long EndOfData(SafeFileHandle file, long at, long length)
    {
        var found = Seek((int)file.DangerousGetHandle(), at, SeekHole);
        return found > at ? found : length;
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Clone(int target, ulong request, int source);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(int file, long offset, int whence);
}
