using System.Buffers.Binary;

namespace Lima.Domain.Networks;

/// <summary>
/// The gateway of a network as far as it needs no memory: who has its address (ARP), whether it is there (ICMP echo), which address a
/// card has (DHCP), and that nothing else listens there. Questions for names are taken out for whoever answers them.
/// </summary>
public static class GatewayStation
{
    /// <summary>The port of name servers.</summary>
    public const ushort DnsPort = 53;

    /// <summary>Longest question for a name that is taken; longer ones are no questions.</summary>
    public const int QuestionMax = 512;

    private const int ArpSize = 28, EchoSize = 8;
    private const byte EchoRequest = 8, Unreachable = 3, PortUnreachable = 3;

    /// <summary>What a frame to the gateway, or to everybody, is answered with; null when with nothing.</summary>
    /// <param name="frame">A frame from a guest.</param>
    /// <param name="card">The card behind the port at which it came in.</param>
    /// <param name="address">That card's address.</param>
    /// <param name="plan">The network.</param>
    public static byte[]? Answer(ReadOnlySpan<byte> frame, Mac card, Ipv4 address, NetworkPlan plan)
    {
        if (!Packet.IsFrame(frame)) return null;
        if (Packet.Kind(frame) == Packet.Arp) return Arp(frame, plan);
        if (!Packet.TryReadIp(frame, out var ip, out var content)) return null;
        var isOurs = ip.To == plan.Gateway;
        if (ip.Protocol == Packet.Icmp) return isOurs ? Echo(ip, content) : null;
        if (ip.Protocol is not (Packet.Udp or Packet.Tcp)) return null;
        if (ip.Protocol == Packet.Udp && Packet.TryReadUdp(content, out _, out var port, out var data))
        {
            if (port == Dhcp.ServerPort && (isOurs || ip.To == Ipv4.Broadcast)) return Dhcp.Answer(data, card, address, plan);
            if (port == DnsPort) return null;
        }

        return isOurs && Packet.To(frame) == NetworkPlan.GatewayMac ? Refusal(frame, ip) : null;
    }

    /// <summary>Takes a question for a name out of a frame; false when it is none.</summary>
    public static bool TryReadQuestion(ReadOnlySpan<byte> frame, NetworkPlan plan, out NameQuestion question)
    {
        question = default;
        if (!Packet.TryReadIp(frame, out var ip, out var content) || ip.Protocol != Packet.Udp || ip.To != plan.Gateway) return false;
        if (!Packet.TryReadUdp(content, out var from, out var to, out var data) || to != DnsPort || data.Length is 0 or > QuestionMax) return false;
        question = new NameQuestion(ip.FromCard, ip.From, from, data.ToArray());
        return true;
    }

    /// <summary>The frame with the answer to a question.</summary>
    public static byte[] Reply(NameQuestion question, ReadOnlySpan<byte> answer, NetworkPlan plan) =>
        Packet.WriteUdp(question.Card, plan.Gateway, DnsPort, question.From, question.Port, answer);

    private static byte[]? Arp(ReadOnlySpan<byte> frame, NetworkPlan plan)
    {
        var arp = frame[Packet.EthernetSize..];
        // Ethernet and IPv4, six and four bytes, a question.
        if (arp.Length < ArpSize || !arp[..8].SequenceEqual<byte>([0, 1, 8, 0, Mac.Size, Ipv4.Size, 0, 1])) return null;
        if (Ipv4.Read(arp[24..]) != plan.Gateway) return null;
        var reply = new byte[Packet.EthernetSize + ArpSize];
        Packet.WriteHeader(reply, Packet.From(frame), Packet.Arp);
        var body = reply.AsSpan(Packet.EthernetSize);
        arp[..8].CopyTo(body);
        body[7] = 2;
        NetworkPlan.GatewayMac.Write(body[8..]);
        plan.Gateway.Write(body[14..]);
        arp.Slice(8, Mac.Size + Ipv4.Size).CopyTo(body[18..]);
        return reply;
    }

    private static byte[]? Echo(IpHeader ip, ReadOnlySpan<byte> content)
    {
        if (content.Length < EchoSize || content[0] != EchoRequest || content[1] != 0) return null;
        var reply = Packet.WriteIp(ip.FromCard, Packet.Icmp, ip.To, ip.From, content.Length, out var at);
        var icmp = reply.AsSpan(at);
        content.CopyTo(icmp);
        (icmp[0], icmp[2], icmp[3]) = (0, 0, 0);
        BinaryPrimitives.WriteUInt16BigEndian(icmp[2..], Packet.Sum(icmp));
        return reply;
    }

    /// <summary>Nobody listens there: whoever tries hears it at once instead of waiting.</summary>
    private static byte[] Refusal(ReadOnlySpan<byte> frame, IpHeader ip)
    {
        var original = frame[Packet.EthernetSize..];
        // Its header and the first eight bytes after it, which say what it was about.
        original = original[..Math.Min(original.Length, ((original[0] & 15) * 4) + 8)];
        var reply = Packet.WriteIp(ip.FromCard, Packet.Icmp, ip.To, ip.From, EchoSize + original.Length, out var at);
        var icmp = reply.AsSpan(at);
        (icmp[0], icmp[1]) = (Unreachable, PortUnreachable);
        original.CopyTo(icmp[EchoSize..]);
        BinaryPrimitives.WriteUInt16BigEndian(icmp[2..], Packet.Sum(icmp));
        return reply;
    }
}

/// <summary>A question for a name, and where its answer goes.</summary>
/// <param name="Card">Card that asked.</param>
/// <param name="From">Its address.</param>
/// <param name="Port">Its port.</param>
/// <param name="Message">The question.</param>
public readonly record struct NameQuestion(Mac Card, Ipv4 From, ushort Port, ReadOnlyMemory<byte> Message);
