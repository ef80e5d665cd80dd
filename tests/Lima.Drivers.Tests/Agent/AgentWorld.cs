using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;
using Lima.Drivers.Agent;
using Lima.Drivers.PortForwarding;
using Lima.Testing;

namespace Lima.Drivers.Tests.Agent;

/// <summary>A link to a peer, a path over it, and a listener of the host that leads there.</summary>
internal sealed class AgentWorld : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _directory = new();
    private readonly HostEnds _ends = new();
    private readonly List<IAsyncDisposable> _open = [];
    private readonly GuestPaths? _paths;

    public AgentWorld(Action<GuestPeer>? set = null, bool withoutPeer = false, TimeProvider? time = null)
    {
        if (!withoutPeer) Peer = new GuestPeer(Socket);
        if (Peer is { } peer) set?.Invoke(peer);
        Link = new AgentLink(Socket, Memory, new AgentOwner(_ => Changed(), new AgentEars(all => Listeners = all), Log.Enqueue), time ?? TimeProvider.System);
        Path = new AgentPath(Link, TimeProvider.System);
        _paths = new GuestPaths([Path], Limit, TimeProvider.System);
    }

    public string Socket => this["ga.sock"];

    public string this[string name] => System.IO.Path.Combine(_directory.Path, name);

    public GuestPeer? Peer { get; }

    public AgentMemory Memory { get; } = new(AgentMemory.DefaultMax);

    public AgentLink Link { get; }

    public AgentPath Path { get; }

    public int Changes;

    public ConcurrentQueue<string> Log { get; } = new();

    public ImmutableArray<GuestListener> Listeners { get; private set; } = [];

    private void Changed()
    {
        Interlocked.Increment(ref Changes);
        _paths?.Changed();
    }

    public Task UpAsync() => EventuallyAsync(() => Link.Session is not null);

    /// <summary>A port of the host that leads to an end "in the guest".</summary>
    public int Forward(ForwardEnd guest)
    {
        var port = FreePort();
        var (sockets, _) = HostSockets.Listen(PortProtocol.Tcp, new ForwardEnd("127.0.0.1", port), _ends, "web");
        _open.Add(new HostListener(sockets, guest, _paths!, "", () => ValueTask.CompletedTask, TimeProvider.System, CancellationToken.None));
        return port;
    }

    public async Task<IOpenForward> OpenAsync(IForwardOpener opener, Forward forward)
    {
        var opened = await opener.OpenAsync(forward, CancellationToken.None);
        _open.Add(opened);
        return opened;
    }

    public IForwardOpener Udp(TimeSpan idle) => new AgentUdp(Link, _ends, "web", idle, TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        foreach (var open in _open) await open.DisposeAsync();
        await Link.DisposeAsync();
        if (Peer is not null) await Peer.DisposeAsync();
        _directory.Dispose();
    }

    public static async Task EventuallyAsync(Func<bool> holds)
    {
        var until = DateTime.UtcNow + Limit;
        while (!holds())
        {
            Assert.True(DateTime.UtcNow < until, "it did not come to be");
            await Task.Delay(10);
        }
    }

    public static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    public static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port).WaitAsync(Limit);
        return socket;
    }

    /// <summary>Says all, closes that direction, and returns what comes back until the other side ends.</summary>
    public static async Task<byte[]> ExchangeAsync(Socket socket, byte[] data)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        var back = new MemoryStream();
        var reading = stream.CopyToAsync(back);
        await stream.WriteAsync(data);
        socket.Shutdown(SocketShutdown.Send);
        await reading.WaitAsync(Limit);
        return back.ToArray();
    }
}
