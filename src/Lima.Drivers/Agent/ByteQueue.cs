using System.Buffers;

namespace Lima.Drivers.Agent;

/// <summary>Bytes that wait, in pieces of one size, so that many small ones take no more room than a few large ones. Not for several threads.</summary>
internal sealed class ByteQueue
{
    private const int PieceBytes = 32 * 1024;

    private readonly Queue<byte[]> _pieces = new();
    private byte[]? _last;
    private int _begin, _end;

    /// <summary>Whether nothing waits.</summary>
    public bool IsEmpty => _pieces.Count == 0;

    /// <summary>The first bytes; they stay where they are until they are advanced over.</summary>
    public ReadOnlyMemory<byte> First => _pieces.TryPeek(out var piece)
        ? piece.AsMemory(_begin, (ReferenceEquals(piece, _last) ? _end : PieceBytes) - _begin)
        : default;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_last is null || _end == PieceBytes)
            {
                _pieces.Enqueue(_last = ArrayPool<byte>.Shared.Rent(PieceBytes));
                _end = 0;
            }

            var some = bytes[..Math.Min(bytes.Length, PieceBytes - _end)];
            some.CopyTo(_last.AsSpan(_end));
            _end += some.Length;
            bytes = bytes[some.Length..];
        }
    }

    /// <summary>Forgets so many of the first bytes.</summary>
    public void Advance(int count)
    {
        _begin += count;
        if (!First.IsEmpty) return;
        var piece = _pieces.Dequeue();
        _begin = 0;
        if (ReferenceEquals(piece, _last)) _last = null;
        ArrayPool<byte>.Shared.Return(piece);
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        while (_pieces.TryDequeue(out var piece)) ArrayPool<byte>.Shared.Return(piece);
        (_last, _begin, _end) = (null, 0, 0);
    }
}
