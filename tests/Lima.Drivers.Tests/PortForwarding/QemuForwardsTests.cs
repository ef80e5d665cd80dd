using System.Net;
using System.Net.Sockets;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Instances;
using Lima.Drivers.PortForwarding;
using Lima.Drivers.Processes;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Drivers.Tests.PortForwarding;

/// <summary>The rules of a real QEMU, which has a network and no guest on it.</summary>
public sealed class QemuForwardsTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(60);
    private readonly TemporaryDirectory _home = new();
    private readonly ProcessTable _processes = new();
    private readonly HostEnds _ends = new();
    private DetachedProcess? _qemu;
    private InstanceDirectory _directory = null!;

    [Fact]
    public async Task A_forward_is_qemus_own_and_ends_with_it()
    {
        if (!await QemuAsync()) return;
        var port = FreePort();
        await using var forwards = Forwards();
        Assert.True(forwards.Opens(Tcp(port)));
        var opened = await forwards.OpenAsync(Tcp(port), CancellationToken.None);
        Assert.Equal("qemu", opened.Path);
        // One alone would wait in QEMU's own queue.
        var clients = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => ConnectAsync(port).WaitAsync(Generous)));
        Assert.All(clients, client => client.Dispose());
        Assert.True(opened.Redirect(new ForwardEnd("0.0.0.0", 80)));
        Assert.False(opened.Redirect(new ForwardEnd("0.0.0.0", 81)));
        await opened.DisposeAsync();
        await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(port));
    }

    [Fact]
    public async Task What_it_cannot_reach_is_another_ways()
    {
        if (!await QemuAsync()) return;
        await using var forwards = Forwards();
        Assert.False(forwards.Opens(Tcp(1) with { Protocol = PortProtocol.Udp }));
        Assert.False(forwards.Opens(Tcp(1) with { Reverse = true }));
        Assert.False(forwards.Opens(Tcp(1) with { Host = new ForwardEnd("::1", 1) }));
        Assert.False(forwards.Opens(Tcp(1) with { Host = ForwardEnd.OfSocket("/s") }));
        await IsDownAsync(forwards, Tcp(FreePort()) with { GuestTakesIPv4 = false });
        // Now it is known that nothing is in the way, and that one is not even asked about.
        Assert.False(forwards.Opens(Tcp(FreePort()) with { GuestTakesIPv4 = false }));
        await IsDownAsync(Forwards(reaches: false), Tcp(FreePort()));
    }

    [Fact]
    public async Task A_guest_that_refuses_nothing_is_not_reached()
    {
        if (!await QemuAsync()) return;
        // There is no guest: as if it filtered everything.
        var port = FreePort();
        await IsDownAsync(new QemuForwards(_directory, _ends, TimeProvider.System), Tcp(port));
        await using var monitor = await QemuMonitor.BeginAsync(_directory, TimeProvider.System, CancellationToken.None);
        Assert.Empty((await monitor.RulesAsync(CancellationToken.None))!);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said_to_be_so_and_by_whom()
    {
        if (!await QemuAsync()) return;
        var port = FreePort();
        var (sockets, _) = HostSockets.Listen(PortProtocol.Tcp, new ForwardEnd("127.0.0.1", port), _ends, "web");
        try
        {
            _ends.Take(PortProtocol.Tcp, new ForwardEnd("127.0.0.1", port), "web");
            var taken = await Assert.ThrowsAsync<DriverException>(() => Forwards().OpenAsync(Tcp(port), CancellationToken.None));
            Assert.Equal(("port-in-use", $"127.0.0.1:{port} of the host is in use by instance `web`"), (taken.Cause.Code, taken.Message));
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task Forwards_outlive_a_host_and_the_next_one_takes_over_what_it_wants_and_ends_the_rest()
    {
        if (!await QemuAsync()) return;
        int wanted = FreePort(), changed = FreePort(), unwanted = FreePort(), inTheWay = FreePort();
        var before = Forwards();
        var opened = new List<IOpenForward>();
        foreach (var port in new[] { wanted, changed, unwanted, inTheWay }) opened.Add(await before.OpenAsync(Tcp(port), CancellationToken.None));
        before.Leave();
        foreach (var forward in opened) await forward.DisposeAsync();
        await before.DisposeAsync();

        await using var after = Forwards();
        await after.OpenAsync(Tcp(wanted), CancellationToken.None);
        await after.OpenAsync(Tcp(changed) with { Guest = new ForwardEnd("0.0.0.0", 81) }, CancellationToken.None);
        Assert.True(after.Opens(Tcp(inTheWay) with { GuestTakesIPv4 = false }));
        await IsDownAsync(after, Tcp(inTheWay) with { GuestTakesIPv4 = false });
        await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(inTheWay));
        (await ConnectAsync(unwanted)).Dispose();
        await after.EndLeftoversAsync(CancellationToken.None);

        await using var monitor = await QemuMonitor.BeginAsync(_directory, TimeProvider.System, CancellationToken.None);
        Assert.Equal(
            new[] { new QemuRule("127.0.0.1", changed, 81), new QemuRule("127.0.0.1", wanted, 80) }.OrderBy(rule => rule.HostPort),
            (await monitor.RulesAsync(CancellationToken.None))!.Keys.OrderBy(rule => rule.HostPort));
    }

    [Fact]
    public async Task A_qemu_that_does_not_answer_is_asked_once_and_not_waited_for_again()
    {
        if (!await QemuAsync()) return;
        await using var forwards = Forwards();
        var port = FreePort();
        var opened = await forwards.OpenAsync(Tcp(port), CancellationToken.None);
        _processes.Signal(_qemu!.Identity, 19);
        await IsDownAsync(forwards, Tcp(FreePort()));
        await IsDownAsync(forwards, Tcp(FreePort()));
        await opened.DisposeAsync();
        _processes.Signal(_qemu!.Identity, 18);
        for (var began = System.Diagnostics.Stopwatch.StartNew(); ; await Task.Delay(100))
        {
            try
            {
                await forwards.EndLeftoversAsync(CancellationToken.None);
                break;
            }
            catch (DriverException) when (began.Elapsed < Generous)
            {
                // It is left alone for a while.
            }
        }

        await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(port));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_qemu is not null)
        {
            _processes.Signal(_qemu.Identity, 9);
            await _qemu.Exited;
        }

        _home.Dispose();
    }

    private static Forward Tcp(int hostPort) =>
        new(PortProtocol.Tcp, new ForwardEnd("0.0.0.0", 80), new ForwardEnd("127.0.0.1", hostPort)) { GuestTakesIPv4 = true };

    private QemuForwards Forwards(bool reaches = true) => new(_directory, _ends, TimeProvider.System, (_, _) => Task.FromResult(reaches));

    private static async Task IsDownAsync(QemuForwards forwards, Forward forward) =>
        Assert.Equal(IGuestPath.Down, (await Assert.ThrowsAsync<DriverException>(() => forwards.OpenAsync(forward, CancellationToken.None))).Cause.Code);

    private async Task<bool> QemuAsync()
    {
        if (!Need.Programs(output, "qemu-system-x86_64")) return false;
        _directory = new InstanceDirectory(VmName.Parse("box"), _home.Path);
        _qemu = new DetachedLauncher(_processes).Launch(
            new ProcessSpec("qemu-system-x86_64",
                [
                    "-machine", "none", "-nodefaults", "-display", "none", "-netdev", "user,id=net0,net=192.168.5.0/24,dhcpstart=192.168.5.15",
                    "-chardev", $"socket,id=char-plug,path={_directory.PlugSocket},server=on,wait=off", "-mon", "chardev=char-plug,mode=control",
                ]),
            _home["log"]);
        for (var began = System.Diagnostics.Stopwatch.StartNew(); ; await Task.Delay(50))
        {
            try
            {
                await using var monitor = await QemuMonitor.BeginAsync(_directory, TimeProvider.System, CancellationToken.None);
                return true;
            }
            catch (DriverException) when (began.Elapsed < Generous)
            {
                // Not there yet.
            }
        }
    }

    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    private static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return socket;
    }
}
