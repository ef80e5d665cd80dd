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
    public async Task Forwards_come_and_go_while_connections_run_and_each_is_told()
    {
        var port = await RunningAsync();
        await GuestServesAsync(9000);
        await Echo.AnswersAsync(Echo.Port(port));
        var (served, added) = (Echo.FreePort(), Echo.FreePort());
        var watching = WatchAsync($"\"type\":\"stopping\",\"protocol\":\"tcp\",\"guestAddr\":\"[^\"]*:{served}\",\"hostAddr\":\"127.0.0.1:{added}\"");
        await UntilAsync(() => File.Exists(Told) && File.ReadAllText(Told).Contains("Watching for events", StringComparison.Ordinal));
        using var fixedOne = await Echo.OpenAsync(Echo.Port(port));
        await GuestServesAsync(served);
        await Echo.AnswersAsync(Echo.Port(served));

        var ran = await _cli.RunAsync("port", "add", Vm, $"{added}:{served}/tcp");
        ran.Ok();
        Assert.Contains($"to 127.0.0.1:{added}", ran.Error, StringComparison.Ordinal);
        await Echo.AnswersAsync(Echo.Port(added));
        await Echo.IsGoneAsync(Echo.Port(served));
        var listed = (await _cli.RunAsync("port", "list", "--format", "{{.HostAddress}} {{.State}} {{.Rule}}", Vm)).Ok();
        Assert.Contains($"127.0.0.1:{added} forwarding {added}:{served}/tcp\n", listed, StringComparison.Ordinal);
        Assert.Contains(await ForwardsAsync(), forward => forward.HostAddress == $"127.0.0.1:{added}" && forward.State == "forwarding");

        using var through = await Echo.OpenAsync(Echo.Port(added));
        (await _cli.RunAsync("port", "remove", Vm, $"{added}")).Ok();
        await Echo.IsGoneAsync(Echo.Port(added));
        await Echo.AnswersAsync(Echo.Port(served));
        Assert.True(await Echo.AnswersOnceAsync(through));
        Assert.True(await Echo.AnswersOnceAsync(fixedOne));
        (await _cli.RunAsync("port", "remove", Vm, $"{served}")).Ok();
        await Echo.IsGoneAsync(Echo.Port(served));

        var told = await watching;
        Assert.Contains($"\"type\":\"forwarding\",\"protocol\":\"tcp\",\"guestAddr\":\"", told, StringComparison.Ordinal);
        Assert.Contains($"\"hostAddr\":\"127.0.0.1:{served}\"", told, StringComparison.Ordinal);
    }

    [ProductFact]
    public async Task Two_machines_have_the_same_port_each_on_its_own_address()
    {
        const string other = "p2";
        await RunningAsync();
        (await _cli.RunAsync(TimeSpan.FromMinutes(8), "start", "--tty=false", $"--name={other}", "template:tiny")).Ok();
        try
        {
            var port = Echo.FreePort();
            foreach (var name in new[] { Vm, other })
                await _cli.GuestAsync(name, "sh", "-c", $"busybox nc -ll -p {port} -e hostname </dev/null >/dev/null 2>&1 & echo $! >/tmp/name.{port}");
            foreach (var name in new[] { Vm, other })
            {
                var address = (await _cli.ShowAsync(name)).LoopbackAddress;
                await UntilAsync(async () => await SaysAsync(new IPEndPoint(IPAddress.Parse(address!), port)) == $"lima-{name}\n");
            }

            // The usual address can be only one's, and for the other that is no failure.
            await UntilAsync(async () => (await _cli.ShowAsync(other)).Forwards?.Any(forward => forward.State == "taken" && forward.HostAddress == $"127.0.0.1:{port}") == true);
            var taken = (await _cli.ShowAsync(other)).Forwards!.First(forward => forward.State == "taken");
            Assert.Contains($"in use by instance `{Vm}`", taken.Problem!.Message, StringComparison.Ordinal);
            Assert.Contains($":{port}", taken.Problem.Hint, StringComparison.Ordinal);
            Assert.Null((await _cli.ShowAsync(other)).Degraded);
            Assert.Equal($"lima-{Vm}\n", await SaysAsync(new IPEndPoint(IPAddress.Loopback, port)));
            await _cli.GuestAsync(Vm, "sh", "-c", $"kill $(cat /tmp/name.{port})");
            await UntilAsync(async () => await SaysAsync(new IPEndPoint(IPAddress.Loopback, port)) == $"lima-{other}\n");
        }
        finally
        {
            await _cli.RunAsync("delete", "--force", other);
        }
    }

    [ProductFact]
    public async Task Forwards_are_back_by_themselves_after_the_death_of_the_agent_and_of_the_host()
    {
        var port = await RunningAsync();
        using var server = Echo.Serve(vm.HostSocket);
        await GuestServesAsync(9000);
        await Echo.AnswersAsync(Echo.Port(port));
        await Echo.AnswersAsync(Loop);

        await _cli.GuestAsync(Vm, "sudo", "sh", "-c", "kill -9 $(pidof lima-guestagent)");
        foreach (var carrier in Carriers()) Processes.Signal(carrier.Pid, Processes.SigKill);
        await Echo.AnswersAsync(Echo.Port(port));
        await Echo.AnswersAsync(Loop);

        await vm.Home.KillHostAsync();
        await Echo.IsGoneAsync(Echo.Port(port));
        await _cli.ListAsync();
        await Echo.AnswersAsync(Echo.Port(port));
        await Echo.AnswersAsync(Loop);
        // Where there is an agent, nothing else carries them in the end.
        await UntilAsync(() => Carriers().Count == 0);
        File.Delete(vm.HostSocket);
    }

    private string Told => vm.Home["watch.err"];

    /// <summary><c>limactl watch --json</c> until a line matches; all that it said.</summary>
    private async Task<string> WatchAsync(string pattern)
    {
        var said = vm.Home["watch.out"];
        const string script = """
            "$1" watch --json "$2" >"$3" 2>"$4" & watch=$!
            rounds=0
            until grep -q "$5" "$3" || [ $rounds = 1200 ]; do sleep 0.1; rounds=$((rounds + 1)); done
            kill $watch
            """;
        await _cli.ExecAsync("sh", ["-c", script, "sh", Product.Limactl, Vm, said, Told, pattern], TimeSpan.FromMinutes(3));
        return await File.ReadAllTextAsync(said);
    }

    private async Task<IReadOnlyList<Lima.Contracts.PortView>> ForwardsAsync() => (await _cli.ShowAsync(Vm)).Forwards ?? [];

    /// <summary>What a server says to whom only listens; nothing when there is none.</summary>
    private static async Task<string> SaysAsync(IPEndPoint end)
    {
        try
        {
            using var client = new TcpClient();
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            await client.ConnectAsync(end, limit.Token);
            using var reader = new StreamReader(client.GetStream());
            return await reader.ReadToEndAsync(limit.Token);
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            return "";
        }
    }

    private static Task UntilAsync(Func<bool> wanted) => UntilAsync(() => Task.FromResult(wanted()));

    private static async Task UntilAsync(Func<Task<bool>> wanted)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        while (!await wanted())
        {
            Assert.False(deadline.IsCancellationRequested, "it did not come to that");
            await Task.Delay(200);
        }
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
