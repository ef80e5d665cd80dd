namespace Lima.Drivers.Images;

/// <summary>A stream that is only read, from its start to its end.</summary>
internal abstract class ForwardStream : Stream
{
    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("read asynchronously");
    public abstract override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>Passes a stream's bytes on and tells how many there were so far.</summary>
internal sealed class ReportingStream(Stream inner, Action<long> report) : ForwardStream
{
    private long _done;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        _done += read;
        report(_done);
        return read;
    }
}

/// <summary>One stream after another.</summary>
internal sealed class ChainedStream(Stream first, Stream second) : ForwardStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await first.ReadAsync(buffer, cancellationToken);
        return read > 0 ? read : await second.ReadAsync(buffer, cancellationToken);
    }
}
