using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Lima.EndToEnd.Tests.Support;
using Xunit.Abstractions;

namespace Lima.EndToEnd.Tests;

/// <summary>
/// What carries forwards is killed again and again while connections are in use: those that do not need it go on, everything is
/// back by itself, once, and no descriptor is lost.
/// </summary>
[Collection(ForwardingCollection.Name)]
public sealed class ForwardsKilledTests(ForwardingVm vm, ITestOutputHelper output)
{
    private const string Variable = "LIMA_FORWARD_KILLS", Vm = ForwardingVm.Name;
    private const int DescriptorsSlack = 8;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly int Rounds = int.TryParse(Environment.GetEnvironmentVariable(Variable), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : 5;

    private int Qemu => Assert.Single(Processes.QemusOf(vm.Home.Path)).Pid;

    [ProductTheory]
    [InlineData("host")]
    [InlineData("ssh")]
    [InlineData("agent")]
    public async Task Only_what_needs_it_breaks_and_all_is_back_by_itself(string part)
    {
        await vm.RunningAsync();
        int outside = Echo.FreePort(), inside = Echo.FreePort();
        var serving = await vm.ServeAsync($"echo tcp 0.0.0.0 {outside}", $"echo tcp 127.0.0.1 {inside}");
        await Echo.AnswersAsync(Echo.Port(outside));
        await Echo.AnswersAsync(Echo.Port(inside));
        if (part == "agent" && await PathOfAsync(inside) != part)
        {
            Console.WriteLine("SKIP: connections do not go through an agent in the guest, so there is none to kill");
            return;
        }

        using var throughQemu = new Traffic(await Echo.OpenAsync(Echo.Port(outside)));
        var took = new List<double>();
        var (host, qemu) = (0, 0);
        for (var round = 0; round < Rounds; round++)
        {
            var path = await PathOfAsync(inside);
            using var other = new Traffic(await Echo.OpenAsync(Echo.Port(inside)));
            await KillAsync(part);
            var back = Stopwatch.StartNew();
            await IsBackAsync(inside);
            await IsBackAsync(outside);
            took.Add(back.Elapsed.TotalSeconds);
            await throughQemu.GoesOnAsync();
            if (part != "host" && path != part) await other.GoesOnAsync();
            await OnceEachAsync(outside);
            await OnceEachAsync(inside);
            // The next kill needs a session again, and so does the end.
            for (var began = Stopwatch.StartNew(); (await vm.Cli.RunAsync("shell", Vm, "true")).ExitCode != 0; await Task.Delay(200))
                Assert.True(began.Elapsed < Limit, "the guest's SSH server is not back");
            if (round == 0) (host, qemu) = (Descriptors(vm.Home.HostPid), Descriptors(Qemu));
        }

        await Until(() => Descriptors(Qemu) <= qemu + DescriptorsSlack, () => $"QEMU had {qemu} descriptors and has {Descriptors(Qemu)}");
        await Until(() => Descriptors(vm.Home.HostPid) <= host + DescriptorsSlack, () => $"the host had {host} descriptors and has {Descriptors(vm.Home.HostPid)}");
        await vm.EndAsync(serving);
        await Until(() => Listening.On(outside).Count == 0 && Listening.On(inside).Count == 0, () => "a forward is left behind");
        took.Sort();
        output.WriteLine($"{part} killed {Rounds} times ({Variable}); back after {took[took.Count / 2]:0.00} s in the median, {took[^1]:0.00} s at most; {throughQemu.Count} echoes meanwhile");
    }

    private async Task KillAsync(string part)
    {
        switch (part)
        {
            case "host":
                await vm.Home.KillHostAsync();
                await vm.Cli.ListAsync();
                break;
            case "ssh":
                foreach (var carrier in Carriers()) Processes.Signal(carrier.Pid, Processes.SigKill);
                // Every session, that of the host too, and the one that this comes over: it cannot end well.
                await vm.Cli.RunAsync("shell", Vm, "sudo", "sh", "-c", "kill -9 $(pidof sshd)");
                break;
            default:
                await vm.Cli.GuestAsync(Vm, "sudo", "sh", "-c", "until p=$(pidof lima-guestagent); do sleep 0.1; done; kill -9 $p");
                break;
        }
    }

    private IReadOnlyList<Seen> Carriers() =>
        [.. Processes.Of(vm.Home.Path).Where(p => p.Arguments.Contains("-M") && p.Arguments.Contains(vm.Home[$"{Vm}/fwd.sock"]))];

    private async Task<string> PathOfAsync(int port)
    {
        var forwards = (await vm.Cli.ShowAsync(Vm)).Forwards ?? [];
        return forwards.First(forward => forward.HostAddress == $"127.0.0.1:{port}").Path ?? "";
    }

    /// <summary>Each address of the host has one listener: none is doubled, none is missing.</summary>
    private async Task OnceEachAsync(int port)
    {
        var own = (await vm.Cli.ShowAsync(Vm)).LoopbackAddress;
        var expected = new[] { "127.0.0.1", "::1", own }.OfType<string>().Order(StringComparer.Ordinal).ToList();
        List<string> Found() => [.. Listening.On(port).Select(listening => listening.Address).Order(StringComparer.Ordinal)];
        await Until(() => Found().SequenceEqual(expected), () => $"port {port}: {string.Join(' ', Found())}");
    }

    private static int Descriptors(int pid) => Listening.Descriptors(pid).Count;

    private static async Task IsBackAsync(int port)
    {
        for (var began = Stopwatch.StartNew(); ; await Task.Delay(10))
        {
            try
            {
                byte[] said = [7];
                if ((await Echo.ExchangeAsync(Echo.Port(port), said)).SequenceEqual(said)) return;
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                // Not yet.
            }

            Assert.True(began.Elapsed < Limit, $"port {port} is not back");
        }
    }

    private static async Task Until(Func<bool> holds, Func<string> otherwise)
    {
        for (var began = Stopwatch.StartNew(); !holds(); await Task.Delay(100)) Assert.True(began.Elapsed < Limit, otherwise());
    }

    /// <summary>A connection on which something is said all the time, and comes back.</summary>
    private sealed class Traffic : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;
        private long _count;

        public Traffic(Socket socket) => _running = Task.Run(async () =>
        {
            using var owned = socket;
            while (!_stop.IsCancellationRequested)
            {
                if (!await Echo.AnswersOnceAsync(socket)) return;
                Interlocked.Increment(ref _count);
                await Task.Delay(5);
            }
        });

        public long Count => Interlocked.Read(ref _count);

        /// <summary>Waits until something more has come back.</summary>
        public async Task GoesOnAsync()
        {
            var before = Count;
            await Until(() => Count > before + 1 || _running.IsCompleted, () => "the connection stands still");
            Assert.False(_running.IsCompleted, "the connection has broken");
        }

        public void Dispose()
        {
            _stop.Cancel();
            _running.ContinueWith(static task => _ = task.Exception, TaskScheduler.Default);
        }
    }
}
