using Lima.EndToEnd.Tests.Support;
using Xunit.Abstractions;

namespace Lima.EndToEnd.Tests;

/// <summary>
/// The host is killed at every numbered step of every command. Whatever was accepted comes true once there is a host again;
/// no VM is lost, none doubled, no QEMU is left that nobody looks after.
/// </summary>
public sealed class KillTests(LimaHome home, ITestOutputHelper output) : IClassFixture<LimaHome>
{
    private const string Name = "k";
    private static readonly TimeSpan Patient = TimeSpan.FromMinutes(2);
    private readonly Limactl _cli = home.Cli;

    /// <summary>Numbers and names of the points.</summary>
    public static TheoryData<string, string> Points
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var point in KillPoints.All) data.Add(point.Number, point.Point);
            return data;
        }
    }

    [ProductTheory]
    [MemberData(nameof(Points), DisableDiscoveryEnumeration = true)]
    public async Task What_was_accepted_comes_true_though_the_host_dies_at(string number, string point)
    {
        var kill = Assert.Single(KillPoints.All, k => k.Number == number && k.Point == point);
        await PrepareAsync(kill.From);
        var id = kill.From == "None" ? null : (await _cli.ShowAsync(Name)).Id;
        await home.KillHostAsync();

        await DieAtAsync(kill);

        var others = (await _cli.ListAsync()).Where(instance => instance.Name == Name).ToList();
        Assert.True(others.Count <= 1, "the VM is listed twice");
        if (kill.To == "Gone") await GoneAsync(id!);
        else await ReachedAsync(kill.To, id);
    }

    private async Task PrepareAsync(string from)
    {
        switch (from)
        {
            case "None":
                (await _cli.RunAsync("delete", "-f", Name)).Ok();
                break;
            case "Stopped":
                await home.StoppedAsync(Name);
                break;
            case "Running":
                await home.RunningAsync(Name);
                break;
            default:
                await home.RunningAsync(Name);
                (await _cli.RunAsync("pause", Name)).Ok();
                break;
        }
    }

    private async Task DieAtAsync(KillPoint kill)
    {
        var armed = _cli.With("LIMA_HOCON", $"lima.fail-points = [\"{kill.Point}\"], lima.stop-timeout = 60s");
        if (kill.Command.Length == 0)
        {
            // A host that dies while it comes up is tried once: `lima-host` itself, since a command would try again.
            var host = await armed.ExecAsync(Product.Host, [], Patient);
            Assert.Equal(128 + Processes.SigKill, host.ExitCode);
            return;
        }

        (await armed.RunAsync("host", "start")).Ok();
        var pid = home.HostPid;
        Assert.True(Processes.IsAlive(pid));
        // The command must not bring up another host: it fails when this one dies.
        var ran = await armed.With("LIMA_HOST_BINARY", "/bin/false").RunAsync(Patient, kill.Command.Replace("NAME", Name, StringComparison.Ordinal).Split(' '));
        output.WriteLine($"{ran}");
        Assert.True(await Processes.IsGoneAsync(pid, Patient), $"the host did not die at {kill.Point}: it was never reached");
    }

    private async Task ReachedAsync(string state, string? id)
    {
        var instance = await _cli.SettledAsync(Name, Patient);
        Assert.True(instance.Status == state, $"expected {state}: {Limactl.Text(instance)}");
        if (id is not null) Assert.Equal(id, instance.Id);
        var qemus = Processes.QemusOf(home.Path);
        Assert.Equal(qemus.Count, Processes.QemusWithUuid(instance.Id).Count);
        if (state == "Stopped")
        {
            Assert.Empty(qemus);
            return;
        }

        Assert.Equal(instance.DriverPid, Assert.Single(qemus).Pid);
        if (state == "Running") Assert.Equal("lima-" + Name, await _cli.GuestAsync(Name, "hostname"));
    }

    private async Task GoneAsync(string id)
    {
        for (var n = 0; (await _cli.ListAsync()).Any(instance => instance.Name == Name); n++)
        {
            Assert.True(n < 100, "the instance is still listed");
            await Task.Delay(200);
        }

        Assert.Empty(Processes.QemusWithUuid(id));
        Assert.Empty(Processes.QemusOf(home.Path));
        Assert.False(Directory.Exists(home[Name]));
        Assert.Empty(Directory.EnumerateDirectories(home["_host"], "old-*"));
    }
}
