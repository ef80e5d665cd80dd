using System.IO.Compression;
using System.Security.Cryptography;

namespace Lima.Drivers.Images;

/// <summary>
/// Decompresses gzip. .NET takes a file that was cut short for a whole one; so a member of our own is put behind the file,
/// and only if its content comes out at the end was everything before it complete.
/// </summary>
internal static class Gunzip
{
    private const int PatternBytes = 16;
    private const int MarkBytes = 1024;

    /// <summary>Writes the decompressed file and makes it durable.</summary>
    /// <exception cref="DriverException">The input is damaged or cut short, or the disk is full.</exception>
    internal static async Task RunAsync(string location, Stream input, string target, CancellationToken cancel)
    {
        var mark = NewMark();
        try
        {
            await using (var both = new ChainedStream(input, new MemoryStream(Compress(mark))))
            await using (var plain = new GZipStream(both, CompressionMode.Decompress))
            {
                await SparseFile.WriteAsync(plain, target, cancel);
            }
        }
        catch (InvalidDataException error)
        {
            throw ImageErrors.Corrupt(location, "it is damaged or cut short", error);
        }

        if (!CutMark(target, mark)) throw ImageErrors.Corrupt(location, "it is damaged or cut short");
    }

    /// <summary>Unlike anything else, and so repetitive that no piece of its compressed form looks like it.</summary>
    private static byte[] NewMark()
    {
        var pattern = RandomNumberGenerator.GetBytes(PatternBytes);
        return [.. Enumerable.Range(0, MarkBytes).Select(i => pattern[i % PatternBytes])];
    }

    private static byte[] Compress(byte[] content)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Optimal, leaveOpen: true)) gzip.Write(content);
        return memory.ToArray();
    }

    private static bool CutMark(string target, byte[] mark)
    {
        using var file = File.OpenHandle(target, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        var length = RandomAccess.GetLength(file) - mark.Length;
        if (length < 0) return false;
        var end = new byte[mark.Length];
        _ = RandomAccess.Read(file, end, length);
        if (!end.AsSpan().SequenceEqual(mark)) return false;
        RandomAccess.SetLength(file, length);
        RandomAccess.FlushToDisk(file);
        return true;
    }
}
