using System.Buffers.Binary;
using System.Text;

namespace Lima.Domain.Agent;

/// <summary>Writes the parts of a payload one after the other.</summary>
internal ref struct AgentPen(Span<byte> bytes)
{
    private readonly Span<byte> _all = bytes;

    /// <summary>How many bytes are written.</summary>
    public int Count { get; private set; }

    public void U8(byte value) => Room(1)[0] = value;

    public void U16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Room(2), value);

    public void U32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Room(4), value);

    public void U64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Room(8), value);

    public void U128(UInt128 value)
    {
        U64((ulong)value);
        U64((ulong)(value >> 64));
    }

    public void Bytes(scoped ReadOnlySpan<byte> value) => value.CopyTo(Room(value.Length));

    /// <summary>A path, which is whole or not at all.</summary>
    /// <exception cref="ArgumentException">It is too long.</exception>
    public void Path(string path)
    {
        var count = Encoding.UTF8.GetByteCount(path);
        if (count > AgentProtocol.TextMax) throw new ArgumentException($"a path of {count} bytes is longer than {AgentProtocol.TextMax}", nameof(path));
        U16((ushort)count);
        Encoding.UTF8.GetBytes(path, Room(count));
    }

    /// <summary>A text for people, cut where it is too long.</summary>
    public void Text(string text, int max)
    {
        Span<byte> room = stackalloc byte[max];
        Encoding.UTF8.GetEncoder().Convert(text, room, flush: true, out _, out var count, out _);
        U16((ushort)count);
        Bytes(room[..count]);
    }

    private Span<byte> Room(int count)
    {
        var room = _all.Slice(Count, count);
        Count += count;
        return room;
    }
}
