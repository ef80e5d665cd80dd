using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Instances;
using Lima.Drivers.Names;
using Lima.Testing;

namespace Lima.Drivers.Tests.Names;

public sealed class NameServersTests : IDisposable
{
    private static readonly VmSpec Usual = new()
    {
        Arch = "x86_64", Cpus = 1, MemoryBytes = 1 << 30, DiskBytes = 1 << 30, Images = [], User = new UserSpec("user", "", "/home/user.guest", "/bin/bash", 1000),
    };

    private readonly TemporaryDirectory _home = new();
    private readonly FakeWorld _world = new();
    private readonly NameServers _servers;
    private readonly InstanceDirectory _web;
    private readonly VmId _id = VmId.From(Guid.NewGuid());

    public NameServersTests()
    {
        _servers = Servers();
        _web = new LimaHome(_home.Path).Instance(VmName.Parse("web"));
        Directory.CreateDirectory(_web.Path);
    }

    public void Dispose()
    {
        _servers.Dispose();
        _home.Dispose();
    }

    [Fact]
    public async Task An_instance_has_its_own_names_on_its_own_port()
    {
        var port = await _servers.PrepareAsync(_id, _web, Spec("db", "10.0.0.1"), CancellationToken.None);
        var other = _web with { Name = VmName.Parse("other"), Path = _home.Path + "/other" };
        Directory.CreateDirectory(other.Path);
        var otherPort = await _servers.PrepareAsync(VmId.From(Guid.NewGuid()), other, Spec("db", "10.0.0.2"), CancellationToken.None);
        Assert.NotEqual(port, otherPort);
        Assert.Equal("1 0; db. 5 1 10.0.0.1", await AskAsync(port, "db"));
        Assert.Equal("1 0; db. 5 1 10.0.0.2", await AskAsync(otherPort, "db"));
        Assert.Equal("1 0; lima-other. 5 1 192.168.5.15", await AskAsync(otherPort, "lima-other"));
        Assert.Equal("1 0; host.lima.internal. 5 1 192.168.5.2", await AskAsync(port, "host.lima.internal"));
    }

    [Fact]
    public async Task The_port_stays_over_starts_and_over_the_death_of_the_host()
    {
        var port = await _servers.PrepareAsync(_id, _web, Spec("db", "10.0.0.1"), CancellationToken.None);
        _servers.Close(_id);
        Assert.Equal(port, await _servers.PrepareAsync(_id, _web, Spec("db", "10.0.0.3"), CancellationToken.None));
        Assert.Equal("1 0; db. 5 1 10.0.0.3", await AskAsync(port, "db"));
        _servers.Dispose();
        using var next = Servers();
        await Eventually(() => next.Resume(_id, _web, Spec("db", "10.0.0.4")));
        next.Resume(_id, _web, Spec("db", "10.0.0.4"));
        Assert.Equal("1 0; db. 5 1 10.0.0.4", await AskAsync(port, "db"));
    }

    [Fact]
    public async Task A_port_that_somebody_has_taken_is_told_while_the_guest_runs_and_exchanged_at_the_next_start()
    {
        var port = await _servers.PrepareAsync(_id, _web, Spec("db", "10.0.0.1"), CancellationToken.None);
        _servers.Dispose();
        UdpClient? thief = null;
        await Eventually(() => thief = new UdpClient(new IPEndPoint(IPAddress.Loopback, port)));
        using var ended = thief;
        using var next = Servers();
        var problem = Assert.Throws<DriverException>(() => next.Resume(_id, _web, Spec("db", "10.0.0.1")));
        Assert.Equal(VmCauses.HostResolver, problem.Cause.Code);
        Assert.Contains($"port {port} on 127.0.0.1 is taken", problem.Message, StringComparison.Ordinal);
        Assert.Contains("`web`", problem.Message, StringComparison.Ordinal);
        var exchanged = await next.PrepareAsync(_id, _web, Spec("db", "10.0.0.1"), CancellationToken.None);
        Assert.NotEqual(port, exchanged);
        Assert.Equal($"{exchanged}\n", File.ReadAllText(_web.DnsPort));
    }

    [Fact]
    public async Task An_instance_that_wants_none_has_none()
    {
        await _servers.PrepareAsync(_id, _web, Spec("db", "10.0.0.1"), CancellationToken.None);
        Assert.Equal(0, await _servers.PrepareAsync(_id, _web, Usual with { HostResolver = new HostResolverSpec { Enabled = false } }, CancellationToken.None));
        Assert.False(File.Exists(_web.DnsPort));
        Assert.Equal(0, await _servers.PrepareAsync(_id, _web, Usual with { Plain = true }, CancellationToken.None));
        // Launched by a version that had no servers: nothing to bring back, and nothing wrong.
        _servers.Resume(_id, _web, Spec("db", "10.0.0.1"));
        Assert.False(File.Exists(_web.DnsPort));
    }

    [Theory]
    [InlineData("")]
    [InlineData("70000")]
    [InlineData("-1")]
    [InlineData("12345678901234567890")]
    [InlineData("../../etc/passwd")]
    public async Task What_is_no_port_in_the_file_is_passed_over(string text)
    {
        File.WriteAllText(_web.DnsPort, text);
        Assert.InRange(await _servers.PrepareAsync(_id, _web, Spec("db", "10.0.0.1"), CancellationToken.None), 1024, 65535);
    }

    // A port that was let go of may still be held by a program that another test is just starting.
    private static async Task Eventually(Action act)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            try
            {
                act();
                return;
            }
            catch (Exception e) when (e is DriverException or SocketException && !limit.IsCancellationRequested)
            {
                await Task.Delay(20);
            }
        }
    }

    private NameServers Servers() => new(_world, _world, _ => _world);

    private static VmSpec Spec(string name, string value) =>
        Usual with { HostResolver = new HostResolverSpec { Hosts = ImmutableDictionary<string, string>.Empty.Add(name, value) } };

    private static async Task<string> AskAsync(int port, string name) => DnsQuestion.Show(await Asker.OverUdpAsync(port, DnsQuestion.Of(name)));
}
