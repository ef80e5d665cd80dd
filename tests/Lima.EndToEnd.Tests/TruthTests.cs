using Lima.EndToEnd.Tests.Support;

namespace Lima.EndToEnd.Tests;

/// <summary>What happens to a VM without the product's doing is told as it was.</summary>
public sealed class TruthTests(LimaHome home) : IClassFixture<LimaHome>
{
    private const string Name = "t1";
    private static readonly TimeSpan Patient = TimeSpan.FromMinutes(2);
    private readonly Limactl _cli = home.Cli;

    [ProductFact]
    public async Task A_guest_that_switches_itself_off_is_stopped()
    {
        await home.RunningAsync(Name);
        await _cli.RunAsync("shell", Name, "sudo", "poweroff");

        var instance = await _cli.UntilAsync(Name, i => i.Status != "Running", Patient);

        Assert.Equal(("Stopped", "guest-power-off"), (instance.Status, instance.Cause?.Code));
        Assert.Empty(Processes.QemusOf(home.Path));
    }

    [ProductFact]
    public async Task A_QEMU_that_is_killed_is_an_error_and_the_VM_can_be_started_again()
    {
        await home.RunningAsync(Name);
        Processes.Signal((await _cli.ShowAsync(Name)).DriverPid!.Value, Processes.SigKill);

        var instance = await _cli.UntilAsync(Name, i => i.Status != "Running", Patient);

        Assert.Equal(("Error", "qemu-crashed"), (instance.Status, instance.Cause?.Code));
        Assert.NotEmpty(instance.Cause!.Hint!);
        (await _cli.RunAsync("shell", Name, "true")).Fails(1, "Error");
        await home.RunningAsync(Name);
        Assert.Null((await _cli.ShowAsync(Name)).Cause);
    }

    [ProductFact]
    public async Task A_kernel_panic_is_told_as_such()
    {
        await home.RunningAsync(Name);
        await _cli.RunAsync(TimeSpan.FromSeconds(10), "shell", Name, "sh", "-c", "echo c | sudo tee /proc/sysrq-trigger");

        var instance = await _cli.UntilAsync(Name, i => i.Status != "Running", Patient);

        Assert.Equal(("Error", "guest-panic"), (instance.Status, instance.Cause?.Code));
        Assert.Empty(Processes.QemusOf(home.Path));
        Assert.Contains("panic", await File.ReadAllTextAsync(home[$"{Name}/serial.log"]), StringComparison.OrdinalIgnoreCase);
    }

    [ProductFact]
    public async Task A_QEMU_that_hangs_holds_nobody_up_and_heals()
    {
        await home.RunningAsync(Name);
        await home.RunningAsync("t2");
        var before = await _cli.ShowAsync(Name);
        Processes.Signal(before.DriverPid!.Value, Processes.SigStop);
        try
        {
            var list = await _cli.RunAsync("list");
            list.Ok();
            Assert.True(list.Took < TimeSpan.FromSeconds(2), $"{list}");
            var mute = await _cli.UntilAsync(Name, i => i.Degraded?.Any(cause => cause.Code == "qmp-mute") == true, Patient);
            Assert.Equal("Running", mute.Status);
            Assert.Contains("degraded", (await _cli.RunAsync("list")).Ok());
            // The other one does not notice.
            Assert.Null((await _cli.ShowAsync("t2")).Degraded);
            Assert.Equal("lima-t2", await _cli.GuestAsync("t2", "hostname"));
        }
        finally
        {
            Processes.Signal(before.DriverPid!.Value, Processes.SigCont);
        }

        var healed = await _cli.UntilAsync(Name, i => i.Degraded is null, Patient);
        Assert.Equal(("Running", before.DriverPid), (healed.Status, healed.DriverPid));
        Assert.Equal("lima-t1", await _cli.GuestAsync(Name, "hostname"));
        (await _cli.RunAsync("stop", "-f", "t2")).Ok();
    }

    [ProductFact]
    public async Task A_QEMU_that_hangs_can_be_stopped_by_force()
    {
        await home.RunningAsync(Name);
        Processes.Signal((await _cli.ShowAsync(Name)).DriverPid!.Value, Processes.SigStop);

        (await _cli.RunAsync("stop", "-f", Name)).Ok();

        Assert.Equal(("Stopped", "requested"), ((await _cli.ShowAsync(Name)).Status, (await _cli.ShowAsync(Name)).Cause?.Code));
        Assert.Empty(Processes.QemusOf(home.Path));
    }

    [ProductFact]
    public async Task A_guest_that_reboots_goes_on_running_and_is_reached_again()
    {
        await home.RunningAsync(Name);
        var before = await _cli.ShowAsync(Name);
        var boot = await Guest.BootIdAsync(home, Name);
        await _cli.RunAsync(TimeSpan.FromSeconds(20), "shell", Name, "sudo", "reboot");

        await UntilAnotherBootAsync(boot);

        var after = await _cli.UntilAsync(Name, i => i is { Status: "Running", Degraded: null }, Patient);
        Assert.Equal((before.DriverPid, before.SshLocalPort), (after.DriverPid, after.SshLocalPort));
        Assert.Contains("vm.guest-rebooted.v1", (await _cli.RunAsync("history", "--json", Name)).Ok());
    }

    [ProductFact]
    public async Task What_happened_while_no_host_was_there_is_found_out()
    {
        await home.RunningAsync(Name);
        var pid = (await _cli.ShowAsync(Name)).DriverPid!.Value;
        await home.KillHostAsync();
        Processes.Signal(pid, Processes.SigKill);
        Assert.True(await Processes.IsGoneAsync(pid, TimeSpan.FromSeconds(10)));

        var instance = await _cli.SettledAsync(Name, Patient);

        Assert.Equal(("Error", "qemu-lost"), (instance.Status, instance.Cause?.Code));
    }

    private async Task UntilAnotherBootAsync(string boot)
    {
        for (var n = 0; n < 60; n++)
        {
            var ran = await _cli.RunAsync(TimeSpan.FromSeconds(20), "shell", Name, "cat", "/proc/sys/kernel/random/boot_id");
            if (ran.ExitCode == 0 && ran.Out.Trim() != boot) return;
            await Task.Delay(1000);
        }

        Assert.Fail("the guest did not come back");
    }
}
