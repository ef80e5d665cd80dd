using Microsoft.Win32.SafeHandles;

namespace Lima.Drivers.Images;

/// <summary>Writes a stream to a file, leaving holes where it has only zeros: raw disk images mostly consist of them.</summary>
internal static class SparseFile
{
    private const int BlockBytes = 64 << 10;

    /// <summary>Writes all of a stream to a new file and makes it durable.</summary>
    /// <exception cref="DriverException">The disk is full or refuses.</exception>
    internal static async Task WriteAsync(Stream source, string target, CancellationToken cancel)
    {
        using var file = File.OpenHandle(target, FileMode.Create, FileAccess.Write, FileShare.Read);
        var block = new byte[BlockBytes];
        long length = 0;
        for (int read; (read = await source.ReadAtLeastAsync(block, block.Length, throwOnEndOfStream: false, cancel)) > 0;)
        {
            Put(file, target, block.AsSpan(0, read), length);
            length += read;
        }

        Finish(file, target, length);
    }

    private static void Put(SafeFileHandle file, string target, ReadOnlySpan<byte> block, long at)
    {
        if (!block.ContainsAnyExcept((byte)0)) return;
        try
        {
            RandomAccess.Write(file, block, at);
        }
        catch (IOException error)
        {
            throw ImageErrors.Unwritable(Path.GetDirectoryName(target)!, error);
        }
    }

    private static void Finish(SafeFileHandle file, string target, long length)
    {
        try
        {
            RandomAccess.SetLength(file, length);
            RandomAccess.FlushToDisk(file);
        }
        catch (IOException error)
        {
            throw ImageErrors.Unwritable(Path.GetDirectoryName(target)!, error);
        }
    }
}
