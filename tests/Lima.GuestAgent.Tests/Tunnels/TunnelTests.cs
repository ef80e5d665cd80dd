using System.Net;
using System.Net.Sockets;
using Lima.Domain.Agent;
using Lima.Domain.PortForwarding;
using Lima.GuestAgent.Tests.Agent;

namespace Lima.GuestAgent.Tests.Tunnels;

/// <summary>Streams of the host to what listens in the guest.</summary>
public sealed class TunnelTests
{
    private const uint Window = AgentProtocol.WindowMax;

    [Theory]
    [InlineData("tcp4")]
    [InlineData("tcp6")]
    [InlineData("unix")]
    public void Bytes_go_both_ways_and_each_side_ends_for_itself(string kind)
    {
        using var agent = new AgentUnderTest();
        using var listener = Listener(agent, kind, out var open);
        using var host = AgentClient.Begin(agent.Path);
        Assert.Equal(Window, host.Open(open, out var stream).As<AgentWindow>().Bytes);
        using var peer = listener.Accept();
        host.Send(AgentFrameType.Data, stream, 1, 2, 3);
        Assert.Equal([1, 2, 3], Receive(peer, 3));
        host.Send(AgentFrameType.End, stream);
        Assert.Equal(0, peer.Receive(new byte[1]));
        peer.Send([4, 5]);
        Assert.Equal([4, 5], host.Expect(AgentFrameType.Data).Payload);
        peer.Shutdown(SocketShutdown.Send);
        Assert.Equal((AgentFrameType.End, stream), (host.Next() is var end ? end.Type : default, end.Stream));
        // Late words about it are no offence, and it has left nothing behind.
        host.Send(AgentFrameType.Window, stream, new AgentWindow(5));
        host.Send(AgentFrameType.Reset, stream);
        host.Ping();
    }

    [Fact]
    public void What_cannot_be_reached_is_refused_with_the_reason()
    {
        using var agent = new AgentUnderTest();
        using var host = AgentClient.Begin(agent.Path);
        using (Listener(agent, "tcp4", out var open))
        {
            Assert.Equal(AgentFrameType.Opened, host.Open(open, out _).Type);
        }

        int port;
        using (var closed = new TcpListener(IPAddress.Loopback, 0))
        {
            closed.Start();
            port = ((IPEndPoint)closed.LocalEndpoint).Port;
        }

        // The stream above ends with its listener, in its own time.
        AgentRefusal Refusal(AgentOpen what)
        {
            var stream = host.NewStream();
            host.Send(AgentFrameType.Open, stream, what);
            Frame frame;
            while ((frame = host.Next()).Stream != stream) Assert.Equal(2u, frame.Stream);
            Assert.Equal(AgentFrameType.Refused, frame.Type);
            return frame.As<AgentRefusal>();
        }

        Assert.Equal(new AgentRefusal(111, "connection refused"), Refusal(new AgentOpen(AgentOpenKind.Tcp, new ForwardEnd("127.0.0.1", port), 1)));
        Assert.Equal(new AgentRefusal(2, "no such file"), Refusal(new AgentOpen(AgentOpenKind.Unix, ForwardEnd.OfSocket(agent["none"]), 1)));
        Assert.Equal(36u, Refusal(new AgentOpen(AgentOpenKind.Unix, ForwardEnd.OfSocket("/" + new string('x', 300)), 1)).Errno);
        host.Ping();
    }

    [Fact]
    public void A_reset_reaches_the_peer_and_a_peer_s_reset_the_host()
    {
        using var agent = new AgentUnderTest();
        using var listener = Listener(agent, "tcp4", out var open);
        using var host = AgentClient.Begin(agent.Path);
        host.Open(open, out var first);
        using var peer = listener.Accept();
        host.Send(AgentFrameType.Reset, first);
        Assert.Equal(SocketError.ConnectionReset, Assert.Throws<SocketException>(() => peer.Receive(new byte[1])).SocketErrorCode);
        host.Open(open, out var second);
        var other = listener.Accept();
        other.LingerState = new LingerOption(true, 0);
        other.Dispose();
        Assert.Equal((AgentFrameType.Reset, second), (host.Next() is var reset ? reset.Type : default, reset.Stream));
        host.Ping();
    }

    [Fact]
    public void A_slow_reader_in_the_guest_holds_up_its_own_stream_alone()
    {
        using var agent = new AgentUnderTest();
        using var listener = Listener(agent, "unix", out var open);
        using var host = AgentClient.Begin(agent.Path);
        host.Open(open, out var slow);
        using var slowPeer = listener.Accept();
        host.Open(open, out var quick);
        using var quickPeer = listener.Accept();
        // All that is granted, of which the peer reads nothing; what the kernel's own buffers take is granted anew.
        var (granted, sent) = ((long)Window, 0L);
        while (granted > 0)
        {
            var piece = new byte[Math.Min(granted, 32768)];
            for (var at = 0; at < piece.Length; at++) piece[at] = (byte)(sent + at);
            host.Send(AgentFrameType.Data, slow, piece);
            (granted, sent) = (granted - piece.Length, sent + piece.Length);
            if (granted > 0) continue;
            host.Send(AgentFrameType.Ping, 0, new AgentNumber(7));
            while (host.Expect(AgentFrameType.Window, AgentFrameType.Pong) is { Type: AgentFrameType.Window } more) granted += more.As<AgentWindow>().Bytes;
        }

        host.Send(AgentFrameType.Data, quick, 42);
        Assert.Equal([42], Receive(quickPeer, 1));
        host.Send(AgentFrameType.End, slow);
        var all = Receive(slowPeer, (int)sent);
        for (var at = 0; at < all.Length; at++) Assert.Equal((byte)at, all[at]);
        Assert.Equal(0, slowPeer.Receive(new byte[1]));
        host.Ping();
    }

    [Fact]
    public void More_than_was_granted_ends_the_session()
    {
        using var agent = new AgentUnderTest();
        using var listener = Listener(agent, "unix", out var open);
        using var host = AgentClient.Begin(agent.Path);
        host.Open(open, out var stream);
        using var peer = listener.Accept();
        // A socket that nobody reads takes some; far more than that and the window.
        for (var i = 0; i < 4096 && agent.On(session => session.IsWelcome); i++) host.Send(AgentFrameType.Data, stream, new byte[32768]);
        Assert.False(agent.On(session => session.IsWelcome));
        host.Handshake();
        host.Ping();
    }

    [Fact]
    public void The_guest_sends_no_more_than_was_granted()
    {
        using var agent = new AgentUnderTest();
        using var listener = Listener(agent, "tcp4", out var open);
        using var host = AgentClient.Begin(agent.Path);
        host.Open(open with { Window = 10 }, out var stream);
        using var peer = listener.Accept();
        peer.Send(new byte[25]);
        Assert.Equal(10, Count(host, 10));
        host.Ping();
        host.Send(AgentFrameType.Window, stream, new AgentWindow(100));
        Assert.Equal(15, Count(host, 15));
    }

    [Fact]
    public void Words_that_a_peer_left_before_it_stopped_to_listen_still_arrive()
    {
        using var agent = new AgentUnderTest();
        using var listener = Listener(agent, "unix", out var open);
        using var host = AgentClient.Begin(agent.Path);
        host.Open(open, out var stream);
        var peer = listener.Accept();
        peer.Send([7, 7]);
        peer.Dispose();
        for (var i = 0; i < 100; i++) host.Send(AgentFrameType.Data, stream, new byte[1000]);
        Assert.Equal([7, 7], host.Expect(AgentFrameType.Data).Payload);
        Assert.Equal(AgentFrameType.End, host.Expect(AgentFrameType.End, AgentFrameType.Reset).Type);
        host.Send(AgentFrameType.End, stream);
        host.Ping();
    }

    [Fact]
    public void Datagrams_stay_whole()
    {
        using var agent = new AgentUnderTest();
        using var host = AgentClient.Begin(agent.Path);
        using var echo = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var open = new AgentOpen(AgentOpenKind.Udp, new ForwardEnd("127.0.0.1", ((IPEndPoint)echo.Client.LocalEndPoint!).Port), 0);
        Assert.Equal(AgentFrameType.Opened, host.Open(open, out var stream).Type);
        foreach (var size in (int[])[0, 1, 1200, 32000])
        {
            host.Send(AgentFrameType.Datagram, stream, new byte[size]);
            var from = new IPEndPoint(IPAddress.Any, 0);
            Assert.Equal(size, echo.Receive(ref from).Length);
            echo.Send(new byte[size], from);
            Assert.Equal(size, host.Expect(AgentFrameType.Datagram).Payload.Length);
        }

        host.Send(AgentFrameType.End, stream);
        Assert.Equal(AgentFrameType.End, host.Next().Type);
        host.Ping();
    }

    [Fact]
    public void Many_streams_at_once_each_get_their_own_bytes_and_leave_no_descriptor()
    {
        using var agent = new AgentUnderTest();
        using var listener = Listener(agent, "unix", out var open);
        using var host = AgentClient.Begin(agent.Path);
        const int count = 300;
        for (var round = 0; round < 2; round++)
        {
            var before = Descriptors();
            var peers = new Dictionary<uint, Socket>();
            for (var i = 0; i < count; i++)
            {
                host.Open(open, out var stream);
                peers[stream] = listener.Accept();
            }

            foreach (var (stream, peer) in peers)
            {
                host.Send(AgentFrameType.Data, stream, BitConverter.GetBytes(stream));
                Assert.Equal(stream, BitConverter.ToUInt32(Receive(peer, 4)));
                peer.Send(BitConverter.GetBytes(stream + 1));
            }

            for (var i = 0; i < count; i++) Assert.Equal(host.Expect(AgentFrameType.Data) is var data ? data.Stream + 1 : 0, BitConverter.ToUInt32(data.Payload));
            foreach (var peer in peers.Values) peer.Dispose();
            for (var i = 0; i < count; i++) host.Send(AgentFrameType.End, host.Expect(AgentFrameType.End).Stream);
            host.Ping();
            Assert.InRange(Descriptors(), 0, before + 5);
        }
    }

    [Fact]
    public void The_end_of_the_session_closes_all_streams()
    {
        using var agent = new AgentUnderTest();
        using var listener = Listener(agent, "tcp4", out var open);
        Socket peer;
        using (var host = AgentClient.Begin(agent.Path))
        {
            host.Open(open, out _);
            peer = listener.Accept();
        }

        Assert.Equal(0, peer.Receive(new byte[1]));
        peer.Dispose();
    }

    internal static Socket Listener(AgentUnderTest agent, string kind, out AgentOpen open)
    {
        var family = kind switch { "tcp4" => AddressFamily.InterNetwork, "tcp6" => AddressFamily.InterNetworkV6, _ => AddressFamily.Unix };
        var listener = new Socket(family, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 60_000 };
        EndPoint end = kind switch
        {
            "tcp4" => new IPEndPoint(IPAddress.Loopback, 0),
            "tcp6" => new IPEndPoint(IPAddress.IPv6Loopback, 0),
            _ => new UnixDomainSocketEndPoint(agent["listener"]),
        };
        listener.Bind(end);
        listener.Listen(512);
        open = listener.LocalEndPoint is IPEndPoint ip
            ? new AgentOpen(AgentOpenKind.Tcp, new ForwardEnd(ip.Address.ToString(), ip.Port), Window)
            : new AgentOpen(AgentOpenKind.Unix, ForwardEnd.OfSocket(agent["listener"]), Window);
        return listener;
    }

    internal static byte[] Receive(Socket socket, int count)
    {
        socket.ReceiveTimeout = 60_000;
        var bytes = new byte[count];
        for (var at = 0; at < count;)
        {
            var some = socket.Receive(bytes.AsSpan(at));
            Assert.NotEqual(0, some);
            at += some;
        }

        return bytes;
    }

    private static int Count(AgentClient host, int wanted)
    {
        var count = 0;
        while (count < wanted) count += host.Expect(AgentFrameType.Data).Payload.Length;
        return count;
    }

    private static int Descriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;
}
