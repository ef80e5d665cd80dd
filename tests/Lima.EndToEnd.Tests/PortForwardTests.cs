using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Lima.EndToEnd.Tests.Support;

namespace Lima.EndToEnd.Tests;

/// <summary>Ports and sockets of a real guest, reached from the host and the other way round. All share one VM.</summary>
[Collection(ForwardingCollection.Name)]
public sealed class PortForwardTests(ForwardingVm vm)
{
    private const string Vm = ForwardingVm.Name;
    private readonly Limactl _cli = vm.Cli;

    private EndPoint Loop => Echo.File(vm.LoopSocket);

    [ProductFact]
    public async Task A_static_forward_carries_a_half_closed_connection_with_all_its_data()
    {
        var port = await RunningAsync();
        await GuestServesAsync(9000);
        await Echo.AnswersAsync(Echo.Port(port));
        var data = RandomNumberGenerator.GetBytes(64 << 20);
        Assert.Equal(SHA256.HashData(data), SHA256.HashData(await Echo.ExchangeAsync(Echo.Port(port), data)));
    }

    [ProductFact]
    public async Task Sockets_lead_into_the_guest_and_out_of_it_with_many_connections_at_once()
    {
        await RunningAsync();
        using var server = Echo.Serve(vm.HostSocket);
        await Echo.AnswersAsync(Loop);
        var data = RandomNumberGenerator.GetBytes(1 << 20);
        Assert.Equal(data, await Echo.ExchangeAsync(Loop, data));
        var open = new List<Socket>();
        try
        {
            // In groups: the guest's SSH server is both ends of the loop, and lets 128 wait for itself.
            for (var group = 0; group < 4; group++) open.AddRange(await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Echo.OpenAsync(Loop))));
            Assert.All(await Task.WhenAll(open.Select(Echo.AnswersOnceAsync)), Assert.True);
        }
        finally
        {
            open.ForEach(socket => socket.Dispose());
        }

        File.Delete(vm.HostSocket);
    }

    [ProductFact]
    public async Task What_listens_in_the_guest_is_on_the_host_and_goes_with_it()
    {
        await RunningAsync();
        var port = Echo.FreePort();
        await GuestServesAsync(port);
        await Echo.AnswersAsync(Echo.Port(port));
        await _cli.GuestAsync(Vm, "sh", "-c", $"kill $(cat /tmp/echo.{port})");
        await Echo.IsGoneAsync(Echo.Port(port));
    }

    [ProductFact]
    public async Task A_port_can_be_had_as_a_socket_of_the_host_that_is_its_owners_alone()
    {
        await RunningAsync();
        await GuestServesAsync(5000);
        var socket = vm.Home[$"{Vm}/sock/port5000.sock"];
        await Echo.AnswersAsync(Echo.File(socket));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(socket));
        await _cli.GuestAsync(Vm, "sh", "-c", "kill $(cat /tmp/echo.5000); rm /tmp/echo.5000");
        await Echo.IsGoneAsync(Echo.File(socket));
    }

    [ProductFact]
    public async Task Forwards_are_back_by_themselves_after_the_death_of_ssh_and_of_the_host()
    {
        var port = await RunningAsync();
        using var server = Echo.Serve(vm.HostSocket);
        await GuestServesAsync(9000);
        await Echo.AnswersAsync(Echo.Port(port));
        await Echo.AnswersAsync(Loop);

        Processes.Signal(Assert.Single(Carriers()).Pid, Processes.SigKill);
        await Echo.AnswersAsync(Echo.Port(port));
        await Echo.AnswersAsync(Loop);

        await vm.Home.KillHostAsync();
        await Echo.IsGoneAsync(Echo.Port(port));
        await _cli.ListAsync();
        await Echo.AnswersAsync(Echo.Port(port));
        await Echo.AnswersAsync(Loop);
        Assert.Single(Carriers());
        File.Delete(vm.HostSocket);
    }

    private IReadOnlyList<Seen> Carriers() =>
        [.. Processes.Of(vm.Home.Path).Where(p => p.Arguments.Contains("-M") && p.Arguments.Contains(vm.Home[$"{Vm}/fwd.sock"]))];

    /// <summary>Sees to it that the VM runs; returns the port of the host that leads to 9000 of the guest.</summary>
    private async Task<int> RunningAsync()
    {
        await vm.RunningAsync();
        return vm.StaticPort;
    }

    /// <summary>Has the guest echo on a port of its loopback, if it does not yet.</summary>
    private Task<string> GuestServesAsync(int port) => _cli.GuestAsync(
        Vm, "sh", "-c",
        $"[ -e /tmp/echo.{port} ] || {{ busybox nc -ll -p {port} -e cat </dev/null >/dev/null 2>&1 & echo $! >/tmp/echo.{port}; }}");
}
