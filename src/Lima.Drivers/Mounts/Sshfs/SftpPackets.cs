using System.Buffers.Binary;

namespace Lima.Drivers.Mounts.Sshfs;

/// <summary>Takes a stream apart into the packets of the protocol. One buffer, as long as the longest packet and some.</summary>
internal sealed class SftpPackets(Stream stream)
{
    // OpenSSH's own bound for a packet, besides its length field.
    private const int PacketMax = 256 * 1024;
    private const int LengthBytes = 4;
    private const int ShortestPacket = 5;

    private readonly byte[] _buffer = new byte[2 * (PacketMax + LengthBytes)];
    private int _from;
    private int _to;

    /// <summary>All whole packets that are there, at least one, one after the other; empty at the end of the stream. Valid until the next call.</summary>
    /// <exception cref="InvalidDataException">What comes is no packet, or breaks off within one.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancel)
    {
        _buffer.AsSpan(_from, _to - _from).CopyTo(_buffer);
        (_from, _to) = (0, _to - _from);
        while (true)
        {
            if (Whole(_buffer.AsSpan(0, _to)) is var whole and > 0)
            {
                _from = whole;
                return _buffer.AsMemory(0, whole);
            }

            var count = await stream.ReadAsync(_buffer.AsMemory(_to), cancel);
            if (count == 0) return _to == 0 ? ReadOnlyMemory<byte>.Empty : throw new InvalidDataException("the stream breaks off within a packet");
            _to += count;
        }
    }

    /// <summary>Bytes of the first packet, its length field included; the span begins with one that is whole.</summary>
    public static int First(ReadOnlySpan<byte> packets) => LengthBytes + (int)BinaryPrimitives.ReadUInt32BigEndian(packets);

    private static int Whole(ReadOnlySpan<byte> bytes)
    {
        var whole = 0;
        while (bytes.Length - whole >= LengthBytes)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(bytes[whole..]);
            if (length is < ShortestPacket or > PacketMax) throw new InvalidDataException($"a packet of {length} bytes");
            if (bytes.Length - whole - LengthBytes < length) break;
            whole += LengthBytes + (int)length;
        }

        return whole;
    }
}
