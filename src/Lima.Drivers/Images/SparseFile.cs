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

/// <summary>Passes a stream's bytes on and tells how many there were.</summary>
internal sealed class ReportingStream(Stream inner, Action<long> report) : Stream
{
    private long _done;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => inner.Length;
    public override long Position { get => _done; set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Count(await inner.ReadAsync(buffer, cancellationToken));

    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int Count(int read)
    {
        _done += read;
        report(_done);
        return read;
    }
}
