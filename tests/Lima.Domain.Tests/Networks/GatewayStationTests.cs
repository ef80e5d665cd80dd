using System.Buffers.Binary;
using System.Text;
using Lima.Domain.Networks;

namespace Lima.Domain.Tests.Networks;

/// <summary>What the gateway of a network answers, and that nothing in a frame of a guest can make it fail.</summary>
public sealed class GatewayStationTests
{
    private static readonly NetworkPlan Plan = NetworkPlan.Of("n", "192.168.104.1", null, null, out _)!;
    private static readonly Mac Card = new(0x525555010203), Stranger = new(0x020000000009);
    private static readonly Ipv4 Address = Parse("192.168.104.3");

    private static Ipv4 Parse(string text) => Ipv4.TryParse(text, out var address) ? address : throw new ArgumentException(text);

    private static byte[]? Answer(byte[] frame) => GatewayStation.Answer(frame, Card, Address, Plan);

    // Frames are written as the gateway's; here a guest has sent them.
    private static byte[] FromGuest(byte[] frame, Mac? to = null)
    {
        (to ?? NetworkPlan.GatewayMac).Write(frame);
        Card.Write(frame.AsSpan(Mac.Size));
        return frame;
    }

    private static byte[] Arp(Ipv4 target)
    {
        var frame = new byte[42];
        Packet.WriteHeader(frame, Mac.Broadcast, Packet.Arp);
        byte[] start = [0, 1, 8, 0, 6, 4, 0, 1];
        start.CopyTo(frame, 14);
        Card.Write(frame.AsSpan(22));
        Address.Write(frame.AsSpan(28));
        target.Write(frame.AsSpan(38));
        return FromGuest(frame, Mac.Broadcast);
    }

    private static byte[] Udp(string to, ushort port, byte[] data, Mac? card = null) =>
        FromGuest(Packet.WriteUdp(NetworkPlan.GatewayMac, Address, 4000, Parse(to), port, data), card);

    private static byte[] Dhcp(byte kind, Action<byte[]>? change = null, params (byte Option, byte[] Value)[] options)
    {
        var message = new byte[300];
        (message[0], message[1], message[2]) = (1, 1, 6);
        message[7] = 42;
        Card.Write(message.AsSpan(28));
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(236), 0x63825363);
        var at = 240;
        foreach (var (option, value) in ((byte, byte[])[])[(53, [kind]), .. options])
        {
            (message[at], message[at + 1]) = (option, (byte)value.Length);
            value.CopyTo(message, at + 2);
            at += 2 + value.Length;
        }

        message[at] = 255;
        change?.Invoke(message);
        return FromGuest(Packet.WriteUdp(Mac.Broadcast, default, 68, Ipv4.Broadcast, 67, message), Mac.Broadcast);
    }

    // Kind, address given, server, mask, dns, domain, router.
    private static string Read(byte[]? frame)
    {
        if (frame is null) return "nothing";
        Assert.True(Packet.TryReadIp(frame, out var ip, out var content));
        Assert.True(Packet.TryReadUdp(content, out _, out var port, out var message));
        Assert.Equal(68, port);
        Assert.Equal(42, message[7]);
        Assert.Equal(Card, Mac.Read(message[28..]));
        var options = new Dictionary<byte, byte[]>();
        for (var at = 240; message[at] != 255; at += 2 + message[at + 1]) options[message[at]] = message.Slice(at + 2, message[at + 1]).ToArray();
        string Of(byte option) => options.TryGetValue(option, out var value) ? Ipv4.Read(value).ToString() : "-";
        return $"{options[53][0]} {Ipv4.Read(message[16..])} to {ip.To} {Packet.To(frame)} mask {Of(1)} dns {Of(6)} router {Of(3)} " +
            $"in {(options.TryGetValue(15, out var domain) ? Encoding.ASCII.GetString(domain) : "-")}";
    }

    [Fact]
    public void Who_has_the_gateways_address_is_told()
    {
        var reply = Answer(Arp(Plan.Gateway))!;
        Assert.Equal((Card, NetworkPlan.GatewayMac, Packet.Arp), (Packet.To(reply), Packet.From(reply), Packet.Kind(reply)));
        Assert.Equal(2, reply[21]);
        Assert.Equal((NetworkPlan.GatewayMac, Plan.Gateway), (Mac.Read(reply.AsSpan(22)), Ipv4.Read(reply.AsSpan(28))));
        Assert.Equal((Card, Address), (Mac.Read(reply.AsSpan(32)), Ipv4.Read(reply.AsSpan(38))));
        Assert.Null(Answer(Arp(Parse("192.168.104.4"))));
    }

    [Fact]
    public void An_echo_comes_back_as_it_was()
    {
        var frame = Packet.WriteIp(NetworkPlan.GatewayMac, Packet.Icmp, Address, Plan.Gateway, 64, out var at);
        frame[at] = 8;
        for (var i = at + 4; i < frame.Length; i++) frame[i] = (byte)i;
        var reply = Answer(FromGuest(frame))!;
        Assert.True(Packet.TryReadIp(reply, out var ip, out var content));
        Assert.Equal((Plan.Gateway, Address, Packet.Icmp, Card), (ip.From, ip.To, ip.Protocol, Packet.To(reply)));
        Assert.Equal(0, Packet.Sum(content));
        Assert.Equal(0, content[0]);
        Assert.Equal(frame[(at + 4)..], content[4..].ToArray());
    }

    [Theory]
    [InlineData("discover", "2 192.168.104.3 to 192.168.104.3 52:55:55:01:02:03 mask 255.255.255.0 dns 192.168.104.2 router - in lima.internal")]
    [InlineData("discover by broadcast", "2 192.168.104.3 to 255.255.255.255 ff:ff:ff:ff:ff:ff mask 255.255.255.0 dns 192.168.104.2 router - in lima.internal")]
    [InlineData("request", "5 192.168.104.3 to 192.168.104.3 52:55:55:01:02:03 mask 255.255.255.0 dns 192.168.104.2 router - in lima.internal")]
    [InlineData("renew", "5 192.168.104.3 to 192.168.104.3 52:55:55:01:02:03 mask 255.255.255.0 dns 192.168.104.2 router - in lima.internal")]
    [InlineData("request another", "6 0.0.0.0 to 255.255.255.255 ff:ff:ff:ff:ff:ff mask - dns - router - in -")]
    [InlineData("request of another server", "nothing")]
    [InlineData("inform", "5 0.0.0.0 to 192.168.104.3 52:55:55:01:02:03 mask 255.255.255.0 dns 192.168.104.2 router - in lima.internal")]
    [InlineData("release", "nothing")]
    [InlineData("of another card", "nothing")]
    [InlineData("without a kind", "nothing")]
    public void A_card_gets_its_address(string what, string expected)
    {
        byte[] mine = [192, 168, 104, 3], other = [192, 168, 104, 9], server = [192, 168, 104, 2];
        var frame = what switch
        {
            "discover" => Dhcp(1),
            "discover by broadcast" => Dhcp(1, m => m[10] = 0x80),
            "request" => Dhcp(3, null, (54, server), (50, mine)),
            "renew" => Dhcp(3, m => mine.CopyTo(m, 12)),
            "request another" => Dhcp(3, null, (50, other)),
            "request of another server" => Dhcp(3, null, (54, other), (50, mine)),
            "inform" => Dhcp(8, m => mine.CopyTo(m, 12)),
            "release" => Dhcp(7, m => mine.CopyTo(m, 12)),
            "of another card" => Dhcp(1, m => Stranger.Write(m.AsSpan(28))),
            _ => Dhcp(1, m => m[240] = 255),
        };
        Assert.Equal(expected, Read(Answer(frame)));
    }

    [Fact]
    public void Questions_for_names_are_taken_out_and_answers_find_back()
    {
        var frame = Udp("192.168.104.2", 53, [1, 2, 3]);
        Assert.Null(Answer(frame));
        Assert.True(GatewayStation.TryReadQuestion(frame, Plan, out var question));
        Assert.Equal((Card, Address, (ushort)4000), (question.Card, question.From, question.Port));
        Assert.Equal([1, 2, 3], question.Message.ToArray());
        var reply = GatewayStation.Reply(question, [9], Plan);
        Assert.True(Packet.TryReadIp(reply, out var ip, out var content));
        Assert.True(Packet.TryReadUdp(content, out var from, out var to, out var data));
        Assert.Equal((Plan.Gateway, Address, (ushort)53, (ushort)4000, Card), (ip.From, ip.To, from, to, Packet.To(reply)));
        Assert.Equal([9], data.ToArray());
        Assert.False(GatewayStation.TryReadQuestion(Udp("192.168.104.2", 53, new byte[GatewayStation.QuestionMax + 1]), Plan, out _));
        Assert.False(GatewayStation.TryReadQuestion(Udp("192.168.104.9", 53, [1]), Plan, out _));
        Assert.False(GatewayStation.TryReadQuestion(Udp("192.168.104.2", 54, [1]), Plan, out _));
    }

    [Fact]
    public void Nothing_else_listens_there_and_who_tries_hears_it_at_once()
    {
        foreach (var frame in (byte[][])[Udp("192.168.104.2", 9, [1]), Tcp()])
        {
            Assert.True(Packet.TryReadIp(Answer(frame)!, out var ip, out var content));
            Assert.Equal((Packet.Icmp, (byte)3, (byte)3), (ip.Protocol, content[0], content[1]));
            Assert.Equal(0, Packet.Sum(content));
            Assert.Equal(frame[14..42], content[8..].ToArray());
        }

        Assert.Null(Answer(Udp("192.168.104.9", 9, [1])));
        Assert.Null(Answer(Udp("255.255.255.255", 9, [1], Mac.Broadcast)));
    }

    private static byte[] Tcp()
    {
        var frame = Packet.WriteIp(NetworkPlan.GatewayMac, Packet.Tcp, Address, Plan.Gateway, 20, out var at);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(at + 2), 80);
        return FromGuest(frame);
    }

    [Fact]
    public void Sums_are_those_of_the_standard()
    {
        // The example of RFC 1071.
        Assert.Equal(0xffff - 0xddf2, Packet.Sum([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]));
        Assert.Equal(Packet.Sum([0x12, 0x00]), Packet.Sum([0x12]));
    }

    [Fact]
    public void Whatever_a_guest_sends_nothing_fails_and_answers_are_small()
    {
        byte[][] seeds = [Arp(Plan.Gateway), Dhcp(1), Dhcp(3, null, (50, [192, 168, 104, 3])), Udp("192.168.104.2", 53, new byte[40]), Udp("192.168.104.2", 9, [1]), Tcp()];
        var seed = 20260101;
        for (var round = 0; round < 60_000; round++)
        {
            var frame = Mutated(seeds[round % seeds.Length], new Random(unchecked(seed + round)));
            var answer = GatewayStation.Answer(frame, Card, Address, Plan);
            Assert.True(answer is null || answer.Length <= Math.Max(frame.Length, 600), $"round {round}");
            if (GatewayStation.TryReadQuestion(frame, Plan, out var question)) Assert.True(question.Message.Length <= GatewayStation.QuestionMax, $"round {round}");
        }
    }

    private static byte[] Mutated(byte[] seed, Random random)
    {
        var frame = random.Next(4) == 0 ? [.. seed, .. new byte[random.Next(100)]] : seed[..(random.Next(3) == 0 ? random.Next(seed.Length + 1) : seed.Length)];
        for (var count = random.Next(6); count > 0 && frame.Length > 0; count--) frame[random.Next(frame.Length)] = (byte)random.Next(256);
        // A right sum lets more of them through.
        if (frame.Length >= 34 && random.Next(4) != 0)
        {
            (frame[24], frame[25]) = (0, 0);
            var size = Math.Min(Math.Max((frame[14] & 15) * 4, 20), frame.Length - 14);
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(24), Packet.Sum(frame.AsSpan(14, size)));
        }

        return frame;
    }
}
