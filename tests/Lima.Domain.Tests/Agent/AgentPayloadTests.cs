using FsCheck.Xunit;
using Lima.Domain.Agent;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;

namespace Lima.Domain.Tests.Agent;

public sealed class AgentPayloadTests
{
    public static TheoryData<int> Samples => [.. Enumerable.Range(0, Encoded.All.Length)];

    [Fact]
    public void Every_type_has_a_sample() =>
        Assert.Equal(Enum.GetValues<AgentFrameType>(), Encoded.All.Select(s => s.Type).Distinct().Order());

    [Fact]
    public void Every_type_is_somebodys_to_send() =>
        Assert.All(Enum.GetValues<AgentFrameType>(), t => Assert.True(AgentSide.Host.MaySend(t) || AgentSide.Guest.MaySend(t)));

    [Theory]
    [MemberData(nameof(Samples))]
    public void Reads_what_it_wrote_and_nothing_shorter_or_longer(int index)
    {
        var sample = Encoded.All[index];
        Assert.True(sample.Reads(sample.Payload));
        if (sample.Type is AgentFrameType.Data or AgentFrameType.Datagram || sample.Payload.Length == 0) return;
        for (var length = 0; length < sample.Payload.Length; length++) Assert.False(sample.Reads(sample.Payload[..length]), $"{length} bytes");
        Assert.False(sample.Reads([.. sample.Payload, 0]));
    }

    [Fact]
    public void Values_come_back()
    {
        Assert.Equal(new AgentHello(1, 99, 5), Again(new AgentHello(1, 99, 5)));
        Assert.Equal(new AgentWelcome(2, UInt128.MaxValue, 1, "x", 4), Again(new AgentWelcome(2, UInt128.MaxValue, 1, "x", 4)));
        Assert.Equal(new AgentTimed(-1, false), Again(new AgentTimed(-1, false)));
        Assert.Equal(new AgentStatus(1, 2, 3, 4), Again(new AgentStatus(1, 2, 3, 4)));
        Assert.Equal(new AgentAccepted(10, 20), Again(new AgentAccepted(10, 20)));
        Assert.Equal(new AgentRefusal(2, "no such file"), Again(new AgentRefusal(2, "no such file")));
        var open = new AgentOpen(AgentOpenKind.Tcp, new ForwardEnd("fe80::1", 443), 3);
        Assert.Equal(open, Again(open));
        open = new AgentOpen(AgentOpenKind.Unix, ForwardEnd.OfSocket("/run/x"), 3);
        Assert.Equal(open, Again(open));
        var listeners = Again(new AgentListeners(9, true, Encoded.Listeners));
        Assert.Equal((9u, true), (listeners.Number, listeners.IsTruncated));
        Assert.Equal(Encoded.Listeners.AsEnumerable(), listeners.All.AsEnumerable());
    }

    [Fact]
    public void Numbers_are_little_endian()
    {
        var frame = new byte[64];
        var count = AgentFrame.Write(frame, AgentFrameType.Window, 0x01020304, 0x05060708, new AgentWindow(0x0A0B0C0D));
        Assert.Equal("4C4D0B0004030201080706050400000" + "00D0C0B0A", Convert.ToHexString(frame.AsSpan(0, count)));
        count = AgentFrame.Write(frame, AgentFrameType.Open, 0, 2, new AgentOpen(AgentOpenKind.Tcp, new ForwardEnd("127.0.0.1", 8080), 1));
        Assert.Equal("01047F000001901F01000000", Convert.ToHexString(frame.AsSpan(AgentProtocol.HeaderBytes..count)));
    }

    [Fact]
    public void Of_too_many_listeners_the_lowest_ports_are_told()
    {
        var many = Enumerable.Range(1, 5000).Reverse().Select(p => new GuestListener(PortProtocol.Tcp, "::", p));
        var list = AgentListeners.Of(1, many);
        Assert.True(list.IsTruncated);
        Assert.Equal(Enumerable.Range(1, AgentProtocol.ListenersMax), list.All.Select(l => l.Port));
        Assert.True(AgentListeners.BytesMax <= AgentProtocol.PayloadMax);
        Assert.Equal(list.All.AsEnumerable(), Again(list).All.AsEnumerable());
        Assert.False(AgentListeners.Of(1, Encoded.Listeners.Concat(Encoded.Listeners)).IsTruncated);
    }

    [Fact]
    public void Texts_are_cut_and_paths_are_not()
    {
        Assert.Equal(AgentProtocol.ReasonMax, Again(new AgentRefusal(1, new string('x', 5000))).Text.Length);
        Assert.Equal(AgentProtocol.ReasonMax / 3, Again(new AgentRefusal(1, new string('€', 5000))).Text.Length);
        Assert.Throws<ArgumentException>(() => Again(new AgentListen("/" + new string('x', AgentProtocol.TextMax))));
    }

    [Theory]
    [InlineData("a\u001b[31mb\0", "a\uFFFD[31mb\uFFFD")]
    [InlineData("plain", "plain")]
    public void Control_characters_are_replaced(string said, string seen) => Assert.Equal(seen, Again(new AgentRefusal(1, said)).Text);

    [Theory]
    [InlineData("relative")]
    [InlineData("")]
    [InlineData("/with\nline")]
    [InlineData("/nul\0")]
    public void A_path_that_is_none_does_not_decode(string path)
    {
        var room = new byte[AgentListen.BytesMax];
        Assert.False(AgentListen.TryRead(room.AsSpan(0, new AgentListen(path).Write(room)), out _));
    }

    [Fact]
    public void An_IPv4_address_in_the_clothes_of_IPv6_is_one_of_IPv4() =>
        Assert.Equal("127.0.0.1:80", Again(new AgentOpen(AgentOpenKind.Tcp, new ForwardEnd("::ffff:127.0.0.1", 80), 1)).End.ToString());

    [Theory]
    [InlineData("000000000000FFFF")] // 65535 entries, and none there
    [InlineData("000000000001000104")] // cut within one
    [InlineData("0000000000010003047F0000010050")] // neither TCP nor UDP
    [InlineData("0000000000010001057F0000010050")] // neither family
    [InlineData("0000000000010001047F0000010000")] // port 0
    [InlineData("00000000020000")] // a flag that is none
    public void Lists_that_are_none_do_not_decode(string hex) => Assert.False(AgentListeners.TryRead(Convert.FromHexString(hex), out _));

    [Fact]
    public void The_lower_version_counts()
    {
        Assert.Equal(AgentProtocol.Version, AgentProtocol.Common(ushort.MaxValue));
        Assert.Null(AgentProtocol.Common(0));
    }

    [Property(MaxTest = 2000)]
    public void Any_bytes_are_read_or_refused(byte[] bytes)
    {
        foreach (var sample in Encoded.All) sample.Reads(bytes);
    }

    [Property(MaxTest = 2000)]
    public void Any_payload_with_other_bytes_is_read_or_refused(int which, int at, byte value)
    {
        var sample = Encoded.All[(int)((uint)which % Encoded.All.Length)];
        if (sample.Payload.Length == 0) return;
        var bytes = sample.Payload.ToArray();
        bytes[(int)((uint)at % bytes.Length)] = value;
        sample.Reads(bytes);
    }

    private static T Again<T>(T payload)
        where T : IAgentPayload<T>
    {
        var room = new byte[T.BytesMax];
        Assert.True(T.TryRead(room.AsSpan(0, payload.Write(room)), out var again));
        return again;
    }
}
