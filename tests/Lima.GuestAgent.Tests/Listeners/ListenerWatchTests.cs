using System.Net;
using System.Net.Sockets;
using Lima.GuestAgent.Listeners;
using Lima.GuestAgent.Native;
using Lima.GuestAgent.Tests.Agent;
using Xunit.Abstractions;

namespace Lima.GuestAgent.Tests.Listeners;

/// <summary>The watch on this machine's own kernel, with whatever of it there is.</summary>
public sealed class ListenerWatchTests(ITestOutputHelper output)
{
    [Fact]
    public void What_listens_is_told_and_so_is_its_end()
    {
        var told = ListeningSet.Empty;
        using var mount = new TracingMount();
        using var watch = new ListenerWatch(all => Volatile.Write(ref told, all), mount.Path);
        watch.Start();
        using (var tcp = Bound(SocketType.Stream, IPAddress.Loopback))
        using (var udp = Bound(SocketType.Dgram, IPAddress.Any))
        using (var connected = Bound(SocketType.Dgram, IPAddress.Loopback))
        {
            tcp.Listen();
            connected.Connect(IPAddress.Loopback, 9);
            Assert.True(SessionTests.Poll(() => Has(tcp, false) && Has(udp, true), true));
            Assert.True(SessionTests.Poll(() => Has(connected, true), false) is false);
            tcp.Dispose();
            udp.Dispose();
        }

        bool Has(Socket socket, bool isUdp) => Volatile.Read(ref told).Entries.Any(one => one.IsUdp == isUdp && one.Port == Port(socket));
    }

    [Fact]
    public void The_end_of_a_listener_is_told()
    {
        var told = ListeningSet.Empty;
        using var mount = new TracingMount();
        using var watch = new ListenerWatch(all => Volatile.Write(ref told, all), mount.Path);
        watch.Start();
        foreach (var type in (SocketType[])[SocketType.Stream, SocketType.Dgram])
        {
            var socket = Bound(type, IPAddress.Loopback);
            if (type == SocketType.Stream) socket.Listen();
            var port = Port(socket);
            Assert.True(SessionTests.Poll(() => Has(port), true), $"{type}");
            socket.Dispose();
            Assert.False(SessionTests.Poll(() => Has(port), false), $"{type}");
        }

        bool Has(int port) => Volatile.Read(ref told).Entries.Any(one => one.Port == port && one.Address == 0x7f000001);
    }

    [Fact]
    public void The_kernel_s_two_answers_are_the_same()
    {
        using var tcp = Bound(SocketType.Stream, IPAddress.Loopback);
        tcp.Listen();
        using var netlink = new SockDiag();
        if (netlink.Look() is null)
        {
            output.WriteLine("SKIP: this kernel has no sock_diag");
            return;
        }

        using var proc = new ProcNet();
        // Other tests open sockets at the same time.
        Assert.True(SessionTests.Poll(() => netlink.Look()!.Equals(proc.Look()), true));
        Assert.Contains(netlink.Look()!.Entries, one => one.Port == Port(tcp));
    }

    [Fact]
    public void Tracing_tells_of_listeners_and_leaves_nothing_behind()
    {
        using var mount = new TracingMount();
        if (KernelTrace.Open(mount.Path, out var reason) is not { } trace)
        {
            output.WriteLine($"SKIP: no tracing here: {reason}");
            return;
        }

        using (trace)
        {
            output.WriteLine($"TCP {trace.HasTcp}, UDP {trace.HasUdp}");
            Assert.Empty(Directory.GetFileSystemEntries(mount.Path));
            if (trace.HasTcp)
            {
                using var tcp = Bound(SocketType.Stream, IPAddress.Loopback);
                Happened(trace);
                tcp.Listen();
                Assert.True(SessionTests.Poll(() => Happened(trace), true));
            }

            if (trace.HasUdp)
            {
                Happened(trace);
                using var udp = Bound(SocketType.Dgram, IPAddress.Loopback);
                Assert.True(SessionTests.Poll(() => Happened(trace), true));
            }
        }
    }

    [Theory]
    [InlineData("0", "0")]
    [InlineData("0-3", "0 1 2 3")]
    [InlineData("0-1,4,6-7", "0 1 4 6 7")]
    [InlineData("", "")]
    [InlineData("x-y", "")]
    public void Processors_are_counted(string list, string expected) => Assert.Equal(expected, string.Join(' ', KernelTrace.ProcessorNumbers(list + "\n")));

    private static unsafe bool Happened(KernelTrace trace)
    {
        var happened = false;
        foreach (var descriptor in trace.Descriptors)
        {
            var entry = new PollEntry { Descriptor = descriptor, Wanted = Libc.PollIn };
            happened |= Libc.Poll(&entry, 1, 0) > 0 && (entry.Seen & Libc.PollIn) != 0;
        }

        return happened;
    }

    [Fact]
    public void Where_there_is_no_tracing_the_reason_is_said()
    {
        using var directory = new Lima.Testing.TemporaryDirectory();
        Assert.Null(KernelTrace.Open(directory["none"], out var reason));
        Assert.NotEmpty(reason);
    }

    private static Socket Bound(SocketType type, IPAddress address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, type, ProtocolType.Unspecified);
        socket.Bind(new IPEndPoint(address, 0));
        return socket;
    }

    private static int Port(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;
}
