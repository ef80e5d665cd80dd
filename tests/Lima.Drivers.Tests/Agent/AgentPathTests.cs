using System.Net.Sockets;
using System.Security.Cryptography;
using Lima.Domain.Agent;
using Lima.Domain.PortForwarding;

namespace Lima.Drivers.Tests.Agent;

public sealed class AgentPathTests
{
    [Fact]
    public async Task A_client_that_has_said_all_still_hears_the_whole_answer()
    {
        using var port = new ServedPort(async socket =>
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            var all = new MemoryStream();
            await stream.CopyToAsync(all);
            await stream.WriteAsync(all.GetBuffer().AsMemory(0, (int)all.Length));
        });
        await using var world = new AgentWorld();
        await world.UpAsync();
        var data = RandomNumberGenerator.GetBytes(16 << 20);
        Assert.Equal(SHA256.HashData(data), SHA256.HashData(await AgentWorld.ExchangeAsync(await AgentWorld.ConnectAsync(world.Forward(port.End)), data)));
        await NothingIsLeftAsync(world);
    }

    [Theory]
    [InlineData(1u)]
    [InlineData(1000u)]
    [InlineData(262144u)]
    public async Task Windows_of_any_size_carry_all(uint window)
    {
        using var port = new ServedPort(ServedPort.EchoAsync);
        await using var world = new AgentWorld(peer => peer.Window = window);
        await world.UpAsync();
        var data = RandomNumberGenerator.GetBytes(window == 1 ? 2000 : 1 << 20);
        Assert.Equal(data, await AgentWorld.ExchangeAsync(await AgentWorld.ConnectAsync(world.Forward(port.End)), data));
        await NothingIsLeftAsync(world);
    }

    [Fact]
    public async Task A_thousand_clients_at_once_are_all_served()
    {
        using var port = new ServedPort(ServedPort.EchoAsync);
        await using var world = new AgentWorld();
        await world.UpAsync();
        var forward = world.Forward(port.End);
        var open = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => AgentWorld.ConnectAsync(forward)));
        var answers = await Task.WhenAll(open.Select(async (socket, n) =>
        {
            var said = BitConverter.GetBytes(n);
            return (await AgentWorld.ExchangeAsync(socket, said)).SequenceEqual(said);
        }));
        Assert.DoesNotContain(false, answers);
        await NothingIsLeftAsync(world);
    }

    [Fact]
    public async Task A_client_that_does_not_read_holds_up_nobody_and_costs_one_window()
    {
        using var flood = new ServedPort(async socket =>
        {
            var bytes = new byte[65536];
            try
            {
                while (true) await socket.SendAsync(bytes);
            }
            catch (SocketException)
            {
                socket.Dispose();
            }
        });
        using var echo = new ServedPort(ServedPort.EchoAsync);
        await using var world = new AgentWorld();
        await world.UpAsync();
        using var deaf = await AgentWorld.ConnectAsync(world.Forward(flood.End));
        await AgentWorld.EventuallyAsync(() => deaf.Available > 0);
        var data = RandomNumberGenerator.GetBytes(4 << 20);
        Assert.Equal(data, await AgentWorld.ExchangeAsync(await AgentWorld.ConnectAsync(world.Forward(echo.End)), data));
        Assert.Equal(AgentProtocol.WindowMax, world.Memory.Granted);
        deaf.Close(0);
        await NothingIsLeftAsync(world);
    }

    [Fact]
    public async Task A_reset_is_passed_on_in_both_directions()
    {
        var ended = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var port = new ServedPort(async socket =>
        {
            var said = new byte[1];
            await socket.ReceiveAsync(said);
            if (said[0] == 'r')
            {
                socket.Close(0);
                return;
            }

            await socket.SendAsync(said);
            try
            {
                await socket.ReceiveAsync(said);
                ended.SetResult(false);
            }
            catch (SocketException)
            {
                ended.SetResult(true);
            }
        });
        await using var world = new AgentWorld();
        await world.UpAsync();
        var forward = world.Forward(port.End);
        using (var client = await AgentWorld.ConnectAsync(forward))
        {
            await client.SendAsync("r"u8.ToArray());
            await Assert.ThrowsAsync<SocketException>(() => client.ReceiveAsync(new byte[1]).WaitAsync(AgentWorld.Limit));
        }

        using (var client = await AgentWorld.ConnectAsync(forward))
        {
            await client.SendAsync("x"u8.ToArray());
            Assert.Equal(1, await client.ReceiveAsync(new byte[1]).WaitAsync(AgentWorld.Limit));
            client.Close(0);
        }

        Assert.True(await ended.Task.WaitAsync(AgentWorld.Limit));
        await NothingIsLeftAsync(world);
    }

    [Fact]
    public async Task A_port_that_nobody_listens_on_ends_the_client_and_not_the_session()
    {
        await using var world = new AgentWorld();
        await world.UpAsync();
        var forward = world.Forward(new ForwardEnd("127.0.0.1", AgentWorld.FreePort()));
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            using var client = await AgentWorld.ConnectAsync(forward);
            await client.ReceiveAsync(new byte[1]).WaitAsync(AgentWorld.Limit);
        });
        Assert.Equal(1, world.Peer!.Sessions);
        await NothingIsLeftAsync(world);
    }

    [Fact]
    public async Task A_socket_file_of_the_guest_is_reached()
    {
        await using var world = new AgentWorld();
        using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        server.Bind(new UnixDomainSocketEndPoint(world["guest.sock"]));
        server.Listen(1);
        await world.UpAsync();
        var end = ForwardEnd.OfSocket(world["guest.sock"]);
        Assert.True(world.Path.Carries(end));
        Assert.False(world.Path.Carries(ForwardEnd.OfSocket("/" + new string('x', 108))));
        var asking = AgentWorld.ExchangeAsync(await AgentWorld.ConnectAsync(world.Forward(end)), [1, 2, 3]);
        using var guest = await server.AcceptAsync().WaitAsync(AgentWorld.Limit);
        await ServedPort.EchoAsync(guest);
        Assert.Equal([1, 2, 3], await asking);
    }

    [Fact]
    public async Task Connections_end_with_the_session_and_new_ones_go_through_the_next()
    {
        using var port = new ServedPort(ServedPort.EchoAsync);
        await using var world = new AgentWorld();
        await world.UpAsync();
        var forward = world.Forward(port.End);
        using var client = await AgentWorld.ConnectAsync(forward);
        await client.SendAsync(new byte[] { 1 });
        Assert.Equal(1, await client.ReceiveAsync(new byte[1]).WaitAsync(AgentWorld.Limit));
        world.Peer!.Cut();
        await Assert.ThrowsAsync<SocketException>(() => client.ReceiveAsync(new byte[1]).WaitAsync(AgentWorld.Limit));
        Assert.Equal([7], await AgentWorld.ExchangeAsync(await AgentWorld.ConnectAsync(forward), [7]));
        Assert.Equal(2, world.Peer.Sessions);
    }

    [Fact]
    public async Task A_socket_of_the_guest_leads_to_one_of_the_host()
    {
        await using var world = new AgentWorld();
        using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        server.Bind(new UnixDomainSocketEndPoint(world["host.sock"]));
        server.Listen(8);
        await world.UpAsync();
        var forward = new Forward(Lima.Domain.Specs.PortProtocol.Tcp, ForwardEnd.OfSocket(world["guest.sock"]), ForwardEnd.OfSocket(world["host.sock"])) { Reverse = true };
        var opener = new Lima.Drivers.Agent.AgentReverse(world.Link, TimeProvider.System);
        Assert.True(opener.Opens(forward));
        await world.OpenAsync(opener, forward);
        var data = RandomNumberGenerator.GetBytes(1 << 20);
        for (var round = 0; round < 3; round++)
        {
            var inGuest = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await inGuest.ConnectAsync(new UnixDomainSocketEndPoint(world["guest.sock"]));
            var asking = AgentWorld.ExchangeAsync(inGuest, data);
            using var host = await server.AcceptAsync().WaitAsync(AgentWorld.Limit);
            await ServedPort.EchoAsync(host);
            Assert.Equal(data, await asking);
        }

        // Where nobody listens at the host the guest's client is let go of.
        server.Dispose();
        using var last = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await last.ConnectAsync(new UnixDomainSocketEndPoint(world["guest.sock"]));
        Assert.Equal(0, await last.ReceiveAsync(new byte[1]).WaitAsync(AgentWorld.Limit));
        var taken = await Assert.ThrowsAsync<DriverException>(() => opener.OpenAsync(forward, CancellationToken.None));
        Assert.Equal("forward-failed", taken.Cause.Code);
    }

    private static async Task NothingIsLeftAsync(AgentWorld world)
    {
        await AgentWorld.EventuallyAsync(() => world.Memory.Granted == 0);
        await AgentWorld.EventuallyAsync(() => world.Peer!.Streams == 0);
        Assert.Empty(world.Log);
    }
}
