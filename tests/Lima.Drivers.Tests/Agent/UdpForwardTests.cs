using System.Net;
using System.Net.Sockets;
using Lima.Domain.Agent;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;
using Lima.Drivers.Agent;
using Lima.Drivers.PortForwarding;

namespace Lima.Drivers.Tests.Agent;

public sealed class UdpForwardTests : IDisposable
{
    private readonly Socket _guest = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly HashSet<string> _clients = [];
    private readonly int _host = AgentWorld.FreePort();

    /// <summary>A port "in the guest" that sends back what comes, and knows by whom it was asked.</summary>
    public UdpForwardTests()
    {
        _guest.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _ = EchoAsync();
    }

    public void Dispose() => _guest.Dispose();

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task Datagrams_go_there_and_back_by_both_addresses_of_loopback(string ip)
    {
        if (ip == "::1" && !Socket.OSSupportsIPv6) return;
        await using var world = new AgentWorld();
        await OpenAsync(world);
        using var client = Client(ip);
        foreach (var size in new[] { 1, 0, 1400, 9000, 30000, 1 }) Assert.Equal(size, await AskAsync(client, new byte[size]));
        // Two that come at once are two.
        client.Send(new byte[10]);
        client.Send(new byte[20]);
        var sizes = new[] { await ReceiveAsync(client), await ReceiveAsync(client) };
        Assert.Equal([10, 20], sizes.Order());
    }

    [Fact]
    public async Task Each_client_is_a_flow_of_its_own()
    {
        await using var world = new AgentWorld();
        var forward = await OpenAsync(world);
        var clients = Enumerable.Range(0, 20).Select(_ => Client("127.0.0.1")).ToList();
        for (var n = 0; n < clients.Count; n++) Assert.Equal(n + 1, await AskAsync(clients[n], new byte[n + 1]));
        Assert.Equal(20, _clients.Count);
        Assert.Equal(20, forward.Flows);
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task A_silent_flow_is_forgotten_and_begins_anew()
    {
        await using var world = new AgentWorld();
        var forward = await OpenAsync(world, TimeSpan.FromMilliseconds(200));
        using var client = Client("127.0.0.1");
        Assert.Equal(3, await AskAsync(client, new byte[3]));
        await AgentWorld.EventuallyAsync(() => forward.Flows == 0 && world.Peer!.Streams == 0);
        Assert.Equal(4, await AskAsync(client, new byte[4]));
    }

    [Fact]
    public async Task Of_too_many_flows_the_oldest_goes()
    {
        await using var world = new AgentWorld();
        var forward = await OpenAsync(world);
        using var first = Client("127.0.0.1");
        Assert.Equal(1, await AskAsync(first, new byte[1]));
        var many = Enumerable.Range(0, UdpForward.FlowsMax).Select(_ => Client("127.0.0.1")).ToList();
        foreach (var client in many) Assert.Equal(2, await AskAsync(client, new byte[2]));
        Assert.Equal(UdpForward.FlowsMax, forward.Flows);
        await AgentWorld.EventuallyAsync(() => world.Peer!.Streams == UdpForward.FlowsMax);
        Assert.Equal(3, await AskAsync(first, new byte[3]));
        many.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task It_goes_on_with_the_next_session_and_is_led_elsewhere()
    {
        await using var world = new AgentWorld();
        var forward = await OpenAsync(world);
        using var client = Client("127.0.0.1");
        Assert.Equal(3, await AskAsync(client, new byte[3]));
        var session = world.Link.Session;
        world.Peer!.Cut();
        await AgentWorld.EventuallyAsync(() => world.Link.Session is { } next && next != session);
        Assert.Equal(4, await AskAsync(client, new byte[4]));
        using var elsewhere = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        elsewhere.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Assert.True(forward.Redirect(new ForwardEnd("127.0.0.1", ((IPEndPoint)elsewhere.LocalEndPoint!).Port)));
        client.Send(new byte[5]);
        Assert.Equal(5, await ReceiveAsync(elsewhere));
    }

    [Fact]
    public async Task A_port_that_is_taken_names_who_has_it()
    {
        await using var world = new AgentWorld();
        await OpenAsync(world);
        var taken = await Assert.ThrowsAsync<DriverException>(() => OpenAsync(world));
        Assert.Equal("port-in-use", taken.Cause.Code);
    }

    private async Task<UdpForward> OpenAsync(AgentWorld world, TimeSpan? idle = null)
    {
        await world.UpAsync();
        var opener = world.Udp(idle ?? TimeSpan.FromSeconds(60));
        var forward = new Forward(PortProtocol.Udp, new ForwardEnd("0.0.0.0", ((IPEndPoint)_guest.LocalEndPoint!).Port), new ForwardEnd("127.0.0.1", _host));
        Assert.True(opener.Opens(forward));
        return (UdpForward)await world.OpenAsync(opener, forward);
    }

    private Socket Client(string ip)
    {
        var address = IPAddress.Parse(ip);
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(new IPEndPoint(address, _host));
        return socket;
    }

    private static async Task<int> AskAsync(Socket client, byte[] bytes)
    {
        client.Send(bytes);
        return await ReceiveAsync(client);
    }

    private static async Task<int> ReceiveAsync(Socket socket) => await socket.ReceiveAsync(new byte[65536]).WaitAsync(AgentWorld.Limit);

    private async Task EchoAsync()
    {
        var buffer = new byte[65536];
        try
        {
            while (true)
            {
                var got = await _guest.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
                lock (_clients) _clients.Add(got.RemoteEndPoint.ToString()!);
                await _guest.SendToAsync(buffer.AsMemory(0, got.ReceivedBytes), got.RemoteEndPoint);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }
}
