using System.Buffers.Binary;
using System.Net;
using Lima.GuestAgent.Listeners;

namespace Lima.GuestAgent.Tests.Listeners;

/// <summary>What the kernel says, in its two forms.</summary>
public sealed class FormatTests
{
    private const ushort Done = 3, Error = 2, Socket = 20, Interrupted = 0x10;

    [Fact]
    public void Sockets_of_both_families_are_taken_and_IPv4_in_the_clothes_of_IPv6_is_IPv4()
    {
        byte[] answer =
        [
            .. Message(Socket, Of(2, "127.0.0.1", 8080)), .. Message(Socket, Of(10, "::1", 443)), .. Message(Socket, Of(10, "::", 80)),
            .. Message(Socket, Of(10, "::ffff:10.0.0.1", 81)), .. Message(Done, new byte[4]), .. Message(Socket, Of(2, "1.2.3.4", 1)),
        ];
        var isTorn = false;
        List<Listening> found = [];
        Assert.Equal(SockDiagOutcome.Done, SockDiagFormat.Read(answer, SockDiagFormat.Tcp, found, ref isTorn));
        Assert.Equal([new(8080, false, false, 0x7f000001), new(443, false, true, 1), new(80, false, true, 0), new(81, false, false, 0x0a000001)], found);
        Assert.False(isTorn);
    }

    [Fact]
    public void A_UDP_socket_with_a_peer_listens_to_nobody_else()
    {
        byte[] answer = [.. Message(Socket, Of(2, "0.0.0.0", 53)), .. Message(Socket, Of(2, "10.0.0.1", 40000, peer: 53)), .. Message(Socket, Of(2, "0.0.0.0", 0))];
        var isTorn = false;
        List<Listening> found = [];
        Assert.Equal(SockDiagOutcome.More, SockDiagFormat.Read(answer, SockDiagFormat.Udp, found, ref isTorn));
        Assert.Equal([new Listening(53, true, false, 0)], found);
    }

    [Fact]
    public void Trouble_is_told_apart()
    {
        Assert.Equal((SockDiagOutcome.Failed, false), Read(Message(Error, new byte[20])));
        Assert.Equal((SockDiagOutcome.Done, true), Read([.. Message(Socket, Of(2, "0.0.0.0", 1), Interrupted), .. Message(Done, new byte[4])]));
        Assert.Equal((SockDiagOutcome.Done, true), Read(Message(Done, new byte[4], Interrupted)));
        Assert.Equal((SockDiagOutcome.More, false), Read([]));
        Assert.Equal((SockDiagOutcome.More, false), Read(Message(Socket, new byte[10])));
        var tooLong = Message(Socket, Of(2, "0.0.0.0", 1));
        tooLong[0]++;
        Assert.Equal((SockDiagOutcome.Failed, false), Read(tooLong));
        tooLong[0] = 3;
        Assert.Equal((SockDiagOutcome.Failed, false), Read(tooLong));

        static (SockDiagOutcome, bool) Read(byte[] answer)
        {
            var isTorn = false;
            return (SockDiagFormat.Read(answer, SockDiagFormat.Tcp, [], ref isTorn), isTorn);
        }
    }

    [Fact]
    public void Bytes_of_any_kind_do_no_harm()
    {
        var random = new Random(5);
        var bytes = new byte[300];
        List<Listening> found = [];
        for (var i = 0; i < 20_000; i++)
        {
            random.NextBytes(bytes);
            if (i % 2 == 0) BinaryPrimitives.WriteInt32LittleEndian(bytes, random.Next(0, 310));
            if (i % 4 == 0) bytes[4] = (byte)Socket;
            var isTorn = false;
            SockDiagFormat.Read(bytes.AsSpan(0, random.Next(0, 300)), SockDiagFormat.Udp, found, ref isTorn);
            SockDiagFormat.PortOf(bytes.AsSpan(0, random.Next(0, 300)));
        }

        Assert.All(found, one => Assert.True(one.IsUdp && one.Port > 0));
    }

    [Theory]
    [InlineData("   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0", false, "8080 127.0.0.1")]
    [InlineData("   0: 0100007F:1F90 00000000:0000 01 00000000:00000000 00:00000000 00000000     0", false, null)]
    [InlineData("  52: 00000000:0044 00000000:0000 07 00000000:00000000 00:00000000 00000000     0", true, "68 0.0.0.0")]
    [InlineData("  52: 00000000:0044 0100007F:0035 07 00000000:00000000 00:00000000 00000000     0", true, null)]
    [InlineData("   1: 00000000000000000000000001000000:0277 00000000000000000000000000000000:0000 0A 0", false, "631 ::1")]
    [InlineData("   1: 0000000000000000FFFF00000100007F:0050 00000000000000000000000000000000:0000 0A 0", false, "80 127.0.0.1")]
    [InlineData("   1: B80D01200000000067452301EFCDAB89:0050 00000000000000000000000000000000:0000 0A 0", false, "80 2001:db8::123:4567:89ab:cdef")]
    [InlineData("  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid", false, null)]
    [InlineData("", false, null)]
    [InlineData("0: 0100007F:1F90 x:0000 0A 0", false, null)]
    public void Lines_of_the_kernel_s_tables_mean(string line, bool isUdp, string? expected)
    {
        var one = ProcNet.Parse(line, isUdp);
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, one?.Address ?? 0);
        Assert.Equal(expected, one is { } o ? $"{o.Port} {new IPAddress(o.IsNew ? bytes : bytes[12..])}" : null);
        Assert.Equal(expected is not null && isUdp, one?.IsUdp == true);
    }

    [Fact]
    public void A_set_has_each_once_and_of_too_many_the_lowest_ports()
    {
        var set = ListeningSet.Of([new(5, false, false, 0), new(4, true, false, 0), new(5, false, false, 0), new(0, false, false, 0), new(4, false, true, 0)]);
        Assert.Equal([new(4, false, true, 0), new(4, true, false, 0), new(5, false, false, 0)], set.Entries);
        Assert.False(set.IsTruncated);
        Assert.Equal(set, ListeningSet.Of([.. set.Entries.Reverse()]));
        var many = ListeningSet.Of([.. Enumerable.Range(1, 2000).Reverse().Select(port => new Listening((ushort)port, false, false, 0))]);
        Assert.True(many.IsTruncated);
        Assert.Equal(Enumerable.Range(1, ListeningSet.EntriesMax), many.Entries.Select(one => (int)one.Port));
        Assert.NotEqual(set, many);
    }

    private static byte[] Of(byte family, string address, ushort port, ushort peer = 0)
    {
        var socket = new byte[72];
        socket[0] = family;
        BinaryPrimitives.WriteUInt16BigEndian(socket.AsSpan(4), port);
        BinaryPrimitives.WriteUInt16BigEndian(socket.AsSpan(6), peer);
        IPAddress.Parse(address).GetAddressBytes().CopyTo(socket, 8);
        return socket;
    }

    private static byte[] Message(ushort type, byte[] payload, ushort flags = 0)
    {
        var message = new byte[16 + payload.Length];
        BinaryPrimitives.WriteInt32LittleEndian(message, message.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(4), type);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(6), flags);
        payload.CopyTo(message, 16);
        return message;
    }
}
