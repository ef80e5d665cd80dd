namespace Lima.GuestAgent.Tunnels;

/// <summary>Bytes that wait for a slow reader: a ring that grows to what is needed and is given back when it is empty.</summary>
internal sealed class ByteQueue
{
    private const int SizeMin = 4096;

    private byte[] _ring = [];
    private int _start;

    /// <summary>How many wait.</summary>
    public int Count { get; private set; }

    /// <summary>The first of them, as many as lie together.</summary>
    public ReadOnlySpan<byte> First => _ring.AsSpan(_start, Math.Min(Count, _ring.Length - _start));

    /// <summary>Puts some behind the others. The caller keeps the bound.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        if (Count + bytes.Length > _ring.Length) Grow(Count + bytes.Length);
        var end = (_start + Count) % _ring.Length;
        var first = Math.Min(bytes.Length, _ring.Length - end);
        bytes[..first].CopyTo(_ring.AsSpan(end));
        bytes[first..].CopyTo(_ring);
        Count += bytes.Length;
    }

    /// <summary>Takes away the first ones.</summary>
    public void Remove(int count)
    {
        Count -= count;
        if (Count == 0) (_ring, _start) = ([], 0);
        else _start = (_start + count) % _ring.Length;
    }

    private void Grow(int needed)
    {
        var size = Math.Max(_ring.Length, SizeMin);
        while (size < needed) size *= 2;
        var ring = new byte[size];
        var first = First;
        first.CopyTo(ring);
        _ring.AsSpan(0, Count - first.Length).CopyTo(ring.AsSpan(first.Length));
        (_ring, _start) = (ring, 0);
    }
}
