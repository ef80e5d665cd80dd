using Lima.Contracts;
using Lima.EndToEnd.Tests.Support;

namespace Lima.EndToEnd.Tests;

/// <summary>Three VMs run; the host and its journal come and go, and no guest notices.</summary>
public sealed class HostDeathTests(LimaHome home) : IClassFixture<LimaHome>
{
    private static readonly string[] Names = ["a", "b", "c"];
    private readonly Limactl _cli = home.Cli;

    [ProductFact]
    public async Task Guests_go_on_without_a_host_and_the_next_one_takes_them_over()
    {
        var (before, boots) = await ThreeRunningAsync();
        var host = home.HostPid;

        await home.KillHostAsync();

        Assert.Empty(Processes.HostsOf(home.Path));
        // A shell needs no host and starts none.
        foreach (var name in Names) Assert.Equal(boots[name], await Guest.BootIdAsync(home, name));
        Assert.Equal(1, (await _cli.RunAsync("host", "status")).ExitCode);
        var uptime = await UptimeAsync("a");
        await Task.Delay(1500);
        Assert.True(await UptimeAsync("a") > uptime, "the guest's clock stands still");
        await AllAsBeforeAsync(before, boots);
        Assert.NotEqual(host, home.HostPid);
        Assert.DoesNotContain("Notice:", (await _cli.RunAsync("host", "status")).Ok());
    }

    [ProductFact]
    public async Task A_host_that_is_stopped_leaves_the_guests_alone()
    {
        var (before, boots) = await ThreeRunningAsync();

        (await _cli.RunAsync("host", "stop")).Ok();

        Assert.Equal(1, (await _cli.RunAsync("host", "status")).ExitCode);
        Assert.Equal(3, Processes.QemusOf(home.Path).Count);
        await AllAsBeforeAsync(before, boots);
    }

    [ProductTheory]
    [InlineData("removed", true)]
    [InlineData("emptied", true)]
    [InlineData("truncated", true)]
    [InlineData("garbage", true)]
    [InlineData("removed", false)]
    [InlineData("emptied", false)]
    [InlineData("truncated", false)]
    [InlineData("garbage", false)]
    public async Task A_journal_that_is_damaged_costs_nothing(string how, bool whileAHostRuns)
    {
        var (before, boots) = await ThreeRunningAsync();
        if (!whileAHostRuns) (await _cli.RunAsync("host", "stop")).Ok();
        var kept = Directory.GetFiles(home["_host"], "journal.db.damaged-*");

        Damage(home["_host/journal.db"], how);

        await AllAsBeforeAsync(before, boots);
        // A living host may write its own pages over the damage at that moment, and then there is none: it is done again.
        for (var tries = 0; whileAHostRuns && tries < 10 && !(await _cli.RunAsync("host", "status")).Ok().Contains("Notice:", StringComparison.Ordinal); tries++)
        {
            Damage(home["_host/journal.db"], how);
            await AllAsBeforeAsync(before, boots);
        }

        Assert.Contains("Notice:", (await _cli.RunAsync("host", "status")).Ok());
        Assert.Contains("event journal", (await _cli.RunAsync("host", "status")).Ok());
        if (how != "removed") Assert.NotEmpty(Directory.GetFiles(home["_host"], "journal.db.damaged-*").Except(kept));
        // What is stored from now on is whole again.
        await home.KillHostAsync();
        await AllAsBeforeAsync(before, boots);
        Assert.DoesNotContain("Notice:", (await _cli.RunAsync("host", "status")).Ok());
    }

    private async Task<(IReadOnlyList<InstanceView> Before, Dictionary<string, string> Boots)> ThreeRunningAsync()
    {
        foreach (var name in Names) await home.RunningAsync(name);
        var boots = new Dictionary<string, string>();
        foreach (var name in Names) boots[name] = await Guest.BootIdAsync(home, name);
        return (await _cli.ListAsync(), boots);
    }

    // The next command shows them all, running, as the same processes; and they are really there.
    private async Task AllAsBeforeAsync(IReadOnlyList<InstanceView> before, Dictionary<string, string> boots)
    {
        var after = await _cli.ListAsync();
        Assert.Equal(Names, after.Select(instance => instance.Name));
        Assert.All(after, instance => Assert.True(instance is { Status: "Running", Intent: null }, Limactl.Text(instance)));
        Assert.Equal(before.Select(i => (i.Id, i.DriverPid, i.SshLocalPort)), after.Select(i => (i.Id, i.DriverPid, i.SshLocalPort)));
        Assert.All(after, instance => Assert.Equal(home.HostPid, instance.HostAgentPid));
        Assert.Equal(3, Processes.QemusOf(home.Path).Count);
        foreach (var name in Names) Assert.Equal(boots[name], await Guest.BootIdAsync(home, name));
    }

    private async Task<double> UptimeAsync(string name) =>
        double.Parse((await _cli.GuestAsync(name, "cat", "/proc/uptime")).Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);

    private static void Damage(string journal, string how)
    {
        switch (how)
        {
            case "removed":
                File.Delete(journal);
                break;
            case "emptied":
                using (new FileStream(journal, FileMode.Truncate)) { }
                break;
            case "truncated":
                using (var file = new FileStream(journal, FileMode.Open)) file.SetLength(Math.Min(file.Length / 2, 3000));
                break;
            default:
                using (var file = new FileStream(journal, FileMode.Open))
                {
                    var garbage = new byte[8192];
                    new Random(1).NextBytes(garbage);
                    file.Write(garbage);
                }

                break;
        }
    }
}
