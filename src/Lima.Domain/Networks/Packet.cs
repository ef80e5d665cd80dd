using System.Buffers.Binary;

namespace Lima.Domain.Networks;

/// <summary>
/// Reading of a frame and writing of answers, as far as a gateway needs it: Ethernet, IPv4 and UDP. Frames come from guests: whatever
/// is in them, reading gives nothing or something within the frame, and never fails.
/// </summary>
public static class Packet
{
    /// <summary>No frame is longer: that is the most that a datagram of IPv4 can be, and the header.</summary>
    public const int SizeMax = EthernetSize + 65535;

    /// <summary>Length of the Ethernet header.</summary>
    public const int EthernetSize = 14;

    /// <summary>Kinds of frames (<c>EtherType</c>).</summary>
    public const ushort Ip = 0x0800, Arp = 0x0806;

    /// <summary>Protocols within IPv4.</summary>
    public const byte Icmp = 1, Tcp = 6, Udp = 17;

    private const int IpSize = 20, UdpSize = 8;
    private const byte Hops = 64;

    /// <summary>Whether a frame is as long as its header at least, and no longer than any may be.</summary>
    public static bool IsFrame(ReadOnlySpan<byte> frame) => frame.Length is >= EthernetSize and <= SizeMax;

    /// <summary>Receiver of a frame.</summary>
    public static Mac To(ReadOnlySpan<byte> frame) => Mac.Read(frame);

    /// <summary>Sender of a frame.</summary>
    public static Mac From(ReadOnlySpan<byte> frame) => Mac.Read(frame[Mac.Size..]);

    /// <summary>Kind of a frame.</summary>
    public static ushort Kind(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt16BigEndian(frame[12..]);

    /// <summary>Reads what is in an IPv4 frame; false when it is none, is damaged, or is a piece of something larger.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="header">Who to whom.</param>
    /// <param name="content">What the protocol's own header begins.</param>
    public static bool TryReadIp(ReadOnlySpan<byte> frame, out IpHeader header, out ReadOnlySpan<byte> content)
    {
        header = default;
        content = default;
        if (!IsFrame(frame) || Kind(frame) != Ip) return false;
        var ip = frame[EthernetSize..];
        if (ip.Length < IpSize || ip[0] >> 4 != 4) return false;
        var (size, total) = ((ip[0] & 15) * 4, BinaryPrimitives.ReadUInt16BigEndian(ip[2..]));
        if (size < IpSize || total < size || total > ip.Length) return false;
        var isPiece = (BinaryPrimitives.ReadUInt16BigEndian(ip[6..]) & 0x3fff) != 0;
        if (isPiece || Sum(ip[..size]) != 0) return false;
        header = new IpHeader(ip[9], Ipv4.Read(ip[12..]), Ipv4.Read(ip[16..]), From(frame));
        content = ip[size..total];
        return true;
    }

    /// <summary>Reads a UDP header; false when it is damaged.</summary>
    public static bool TryReadUdp(ReadOnlySpan<byte> content, out ushort from, out ushort to, out ReadOnlySpan<byte> data)
    {
        from = to = 0;
        data = default;
        if (content.Length < UdpSize) return false;
        var length = BinaryPrimitives.ReadUInt16BigEndian(content[4..]);
        if (length < UdpSize || length > content.Length) return false;
        from = BinaryPrimitives.ReadUInt16BigEndian(content);
        to = BinaryPrimitives.ReadUInt16BigEndian(content[2..]);
        data = content[UdpSize..length];
        return true;
    }

    /// <summary>A frame with a datagram of UDP in it.</summary>
    public static byte[] WriteUdp(Mac toCard, Ipv4 from, ushort fromPort, Ipv4 to, ushort toPort, ReadOnlySpan<byte> data)
    {
        var frame = WriteIp(toCard, Udp, from, to, UdpSize + data.Length, out var at);
        var udp = frame.AsSpan(at);
        BinaryPrimitives.WriteUInt16BigEndian(udp, fromPort);
        BinaryPrimitives.WriteUInt16BigEndian(udp[2..], toPort);
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)udp.Length);
        data.CopyTo(udp[UdpSize..]);
        // The addresses count, too. Nought would mean that there is no sum.
        var sum = Sum(udp, (from.Value >> 16) + (from.Value & 0xffff) + (to.Value >> 16) + (to.Value & 0xffff) + Udp + (uint)udp.Length);
        BinaryPrimitives.WriteUInt16BigEndian(udp[6..], sum == 0 ? ushort.MaxValue : sum);
        return frame;
    }

    /// <summary>A frame from the gateway with an IPv4 header and room for what follows it.</summary>
    /// <param name="toCard">Receiver.</param>
    /// <param name="protocol">What follows.</param>
    /// <param name="from">Sender's address.</param>
    /// <param name="to">Receiver's address.</param>
    /// <param name="size">Bytes that follow.</param>
    /// <param name="at">Where they begin.</param>
    public static byte[] WriteIp(Mac toCard, byte protocol, Ipv4 from, Ipv4 to, int size, out int at)
    {
        at = EthernetSize + IpSize;
        var frame = new byte[at + size];
        WriteHeader(frame, toCard, Ip);
        var ip = frame.AsSpan(EthernetSize, IpSize);
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(IpSize + size));
        ip[8] = Hops;
        ip[9] = protocol;
        from.Write(ip[12..]);
        to.Write(ip[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], Sum(ip));
        return frame;
    }

    /// <summary>Writes an Ethernet header from the gateway.</summary>
    public static void WriteHeader(Span<byte> frame, Mac to, ushort kind)
    {
        to.Write(frame);
        NetworkPlan.GatewayMac.Write(frame[Mac.Size..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], kind);
    }

    /// <summary>The sum that IPv4 and its protocols are checked by; nought over what has a right one in it.</summary>
    public static ushort Sum(ReadOnlySpan<byte> bytes, uint start = 0)
    {
        ulong sum = start;
        for (; bytes.Length >= 2; bytes = bytes[2..]) sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
        if (bytes.Length == 1) sum += (uint)bytes[0] << 8;
        while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }
}

/// <summary>Who sent a datagram of IPv4 to whom.</summary>
/// <param name="Protocol">What is in it.</param>
/// <param name="From">Address of the sender.</param>
/// <param name="To">Address of the receiver.</param>
/// <param name="FromCard">Card of the sender.</param>
public readonly record struct IpHeader(byte Protocol, Ipv4 From, Ipv4 To, Mac FromCard);
