using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Lima.Domain.Names;
using Lima.Drivers.Names;
using Lima.Testing;

namespace Lima.Drivers.Tests.Names;

public sealed class NameServerTests : IDisposable
{
    private readonly FakeWorld _world = new();
    private readonly NameServer _server;

    public NameServerTests()
    {
        var hosts = new Dictionary<string, string> { ["static"] = "10.0.0.1", ["alias"] = "known", ["lost"] = "unknown", ["hopeless"] = "broken" };
        _world.Known["known"] = ["10.0.0.2", "10.0.0.3", "fd00::2"];
        _server = NameServer.Open(0, new NameResponder(
            new NameTable { Hosts = hosts.ToImmutableDictionary(), Ipv6 = true, AsksOthers = true, Vms = _world }, _world, _world));
    }

    public void Dispose() => _server.Dispose();

    [Theory]
    [InlineData("static", 1, "1 0; static. 5 1 10.0.0.1")]
    [InlineData("Known", 1, "1 2")]
    [InlineData("known", 1, "1 0; known. 5 1 10.0.0.2; known. 5 1 10.0.0.3")]
    [InlineData("known", 28, "1 0; known. 5 28 fd00::2")]
    [InlineData("alias", 28, "1 0; alias. 5 5 known.; known. 5 28 fd00::2")]
    [InlineData("lost", 1, "1 0; lost. 5 5 unknown.")]
    [InlineData("hopeless", 1, "1 2")]
    [InlineData("unknown", 1, "1 2")]
    [InlineData("192.168.1.1", 1, "1 2")]
    public async Task Answers_are_the_same_over_udp_and_tcp(string name, ushort type, string expected)
    {
        Assert.Equal(expected, DnsQuestion.Show(await Asker.OverUdpAsync(_server.Port, DnsQuestion.Of(name, type))));
        Assert.Equal(expected, DnsQuestion.Show(await Asker.OverTcpAsync(_server.Port, DnsQuestion.Of(name, type))));
    }

    [Fact]
    public async Task What_the_system_does_not_know_other_servers_are_asked_and_long_replies_are_cut_for_udp()
    {
        _world.Upstream = question => Task.FromResult<byte[]?>(DnsQuestion.Reply(question, [.. Enumerable.Repeat(DnsQuestion.Record(16, new byte[255]), 8)]));
        var overUdp = await Asker.OverUdpAsync(_server.Port, DnsQuestion.Of("text", 16));
        Assert.StartsWith("1 cut 0; text. 60 16 00", DnsQuestion.Show(overUdp), StringComparison.Ordinal);
        Assert.InRange(overUdp.Length, 256, 512);
        var larger = await Asker.OverUdpAsync(_server.Port, DnsQuestion.Of("text", 16, size: 1232));
        Assert.InRange(larger.Length, 1024, 1232);
        var overTcp = await Asker.OverTcpAsync(_server.Port, DnsQuestion.Of("text", 16));
        Assert.StartsWith("1 0; text. 60 16 00", DnsQuestion.Show(overTcp), StringComparison.Ordinal);
        Assert.InRange(overTcp.Length, 2048, 4096);
    }

    [Fact]
    public async Task One_connection_carries_many_questions()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _server.Port);
        for (ushort n = 0; n < 50; n++)
        {
            var reply = await Asker.OverTcpAsync(client.GetStream(), DnsQuestion.Of("static", id: n));
            Assert.Equal(n, (reply[0] << 8) | reply[1]);
        }
    }

    [Fact]
    public async Task More_questions_than_are_looked_into_at_once_are_told_so_and_the_known_ones_are_still_answered()
    {
        var held = new TaskCompletionSource<byte[]?>();
        _world.Upstream = _ => held.Task;
        using var client = new UdpClient();
        client.Connect(IPAddress.Loopback, _server.Port);
        for (ushort n = 0; n < 64; n++)
        {
            await client.SendAsync(DnsQuestion.Of("slow", 16, id: n));
            // One after the other, so that none is lost for want of room in the socket.
            Assert.Equal("1 0; static. 5 1 10.0.0.1", DnsQuestion.Show(await Asker.OverUdpAsync(_server.Port, DnsQuestion.Of("static"))));
        }

        Assert.Equal("1 2", DnsQuestion.Show(await Asker.OverUdpAsync(_server.Port, DnsQuestion.Of("slow", 16))));
        held.SetResult(null);
        for (var n = 0; n < 64; n++) Assert.Equal("1 2", DnsQuestion.Show((await client.ReceiveAsync().WaitAsync(TimeSpan.FromSeconds(60))).Buffer));
        Assert.Equal("1 2", DnsQuestion.Show(await Asker.OverUdpAsync(_server.Port, DnsQuestion.Of("slow", 16))));
    }

    [Fact]
    public async Task Whatever_is_sent_it_goes_on_serving()
    {
        var random = new Random(20260);
        using var client = new UdpClient();
        client.Connect(IPAddress.Loopback, _server.Port);
        for (var n = 0; n < 3000; n++)
        {
            await client.SendAsync(Hostile(random));
            if (n % 50 == 0) Assert.Equal("1 0; static. 5 1 10.0.0.1", DnsQuestion.Show(await Asker.OverUdpAsync(_server.Port, DnsQuestion.Of("static"))));
        }

        for (var n = 0; n < 100; n++)
        {
            using var connection = new TcpClient();
            await connection.ConnectAsync(IPAddress.Loopback, _server.Port);
            await connection.GetStream().WriteAsync(Hostile(random));
        }

        Assert.Equal("1 0; static. 5 1 10.0.0.1", DnsQuestion.Show(await Asker.OverUdpAsync(_server.Port, DnsQuestion.Of("static"))));
        await EventuallyAsync(async () => await Asker.OverTcpAsync(_server.Port, DnsQuestion.Of("static")));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_refused_and_one_that_was_left_can_be_had_again()
    {
        var responder = new NameResponder(NameTable.ForHost(_world), _world, _world);
        Assert.Throws<SocketException>(() => NameServer.Open(_server.Port, responder));
        _server.Dispose();
        await EventuallyAsync(async () =>
        {
            using var again = NameServer.Open(_server.Port, responder);
            Assert.Equal("1 5", DnsQuestion.Show(await Asker.OverUdpAsync(again.Port, DnsQuestion.Of("static"))));
        });
    }

    // Connections of those that sent nonsense are counted for a moment, and a port is held by programs that other tests are just starting.
    private static async Task EventuallyAsync(Func<Task> check)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            try
            {
                await check();
                return;
            }
            catch (Exception e) when (e is IOException or SocketException && !limit.IsCancellationRequested)
            {
                await Task.Delay(50);
            }
        }
    }

    private static byte[] Hostile(Random random)
    {
        var bytes = random.Next(3) == 0 ? new byte[random.Next(1500)] : DnsQuestion.Of("some.name.example", 16, size: 4096);
        if (random.Next(3) == 0) random.NextBytes(bytes);
        for (var n = random.Next(8); n > 0 && bytes.Length > 0; n--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return bytes[..random.Next(bytes.Length + 1)];
    }
}
