using Lima.EndToEnd.Tests.Support;

namespace Lima.EndToEnd.Tests;

/// <summary>The life of a tiny VM by the commands that a user types.</summary>
public sealed class LifecycleTests(LimaHome home) : IClassFixture<LimaHome>
{
    private static readonly TimeSpan Patient = TimeSpan.FromMinutes(2);
    private readonly Limactl _cli = home.Cli;

    [ProductFact]
    public async Task An_instance_that_was_created_is_listed_and_stopped()
    {
        (await _cli.RunAsync("create", "--tty=false", "--name=made", "template:tiny")).Ok();

        var instance = await _cli.ShowAsync("made");
        Assert.Equal(("Stopped", "qemu", "x86_64"), (instance.Status, instance.VmType, instance.Arch));
        Assert.Equal((1, 256L << 20, 1L << 30), (instance.Cpus, instance.Memory, instance.Disk));
        Assert.Equal(home["made"], instance.Dir);
        Assert.Null(instance.DriverPid);
        Assert.True(File.Exists(home["made/lima.yaml"]));
        Assert.Matches(@"(?m)^NAME +STATUS +SSH", (await _cli.RunAsync("list")).Ok());
        Assert.Matches(@"(?m)^made +Stopped ", (await _cli.RunAsync("list")).Ok());
        Assert.Contains("made", (await _cli.RunAsync("list", "-q")).Ok().Split('\n'));
        Assert.Equal("made\n", (await _cli.RunAsync("list", "-q", "made")).Ok());
        (await _cli.RunAsync("create", "--tty=false", "--name=made", "template:tiny")).Fails(1, "already exists", "limactl start made");

        (await _cli.RunAsync("delete", "made")).Ok();
        Assert.DoesNotContain(await _cli.ListAsync(), i => i.Name == "made");
        Assert.False(Directory.Exists(home["made"]));
        // As in Lima, what is not there need not be deleted.
        Assert.Contains("non-existent instance `made`", (await _cli.RunAsync("delete", "made")).Error + (await _cli.RunAsync("delete", "made")).Ok());
    }

    [ProductFact]
    public async Task Start_and_stop_are_idempotent()
    {
        await home.RunningAsync("t1");
        var first = await _cli.ShowAsync("t1");
        Assert.Equal(("Running", (string?)null), (first.Status, first.Intent));
        Assert.Null(first.Degraded);
        Assert.Equal(home.HostPid, first.HostAgentPid);
        Assert.Equal(first.DriverPid, Assert.Single(Processes.QemusOf(home.Path)).Pid);
        Assert.Contains("already running", Text(await _cli.RunAsync("start", "--tty=false", "t1")));
        Assert.Equal(first.DriverPid, (await _cli.ShowAsync("t1")).DriverPid);

        (await _cli.RunAsync(Patient, "stop", "t1")).Ok();
        var stopped = await _cli.ShowAsync("t1");
        Assert.Equal(("Stopped", "requested"), (stopped.Status, stopped.Cause?.Code));
        Assert.Empty(Processes.QemusOf(home.Path));
        Assert.Contains("already stopped", Text(await _cli.RunAsync("stop", "t1")));
        (await _cli.RunAsync("wait", "t1", "--for", "stopped", "--timeout", "5s")).Ok();
        (await _cli.RunAsync("shell", "t1", "true")).Fails(1, "is stopped", "limactl start t1");
        (await _cli.RunAsync("pause", "t1")).Fails(1, "Stopped", "start it first");
        (await _cli.RunAsync("wait", "t1", "--for", "running", "--timeout", "1s")).Fails(1, "t1");
    }

    [ProductFact]
    public async Task A_restart_is_another_boot_of_the_same_disk()
    {
        await home.RunningAsync("t1");
        var before = await Guest.BootIdAsync(home, "t1");
        await _cli.GuestAsync("t1", "sh", "-c", "echo kept > kept && sync");

        (await _cli.RunAsync(Patient, "restart", "t1")).Ok();

        Assert.NotEqual(before, await Guest.BootIdAsync(home, "t1"));
        Assert.Equal("kept", await _cli.GuestAsync("t1", "cat", "kept"));
        (await _cli.RunAsync(Patient, "restart", "-f", "t1")).Ok();
        Assert.Equal("kept", await _cli.GuestAsync("t1", "cat", "kept"));
    }

    [ProductFact]
    public async Task A_guest_whose_power_is_cut_right_after_its_first_boot_can_be_used_again()
    {
        await home.RunningAsync("cut");
        (await _cli.RunAsync("stop", "-f", "cut")).Ok();

        await home.RunningAsync("cut");

        Assert.Equal("0", await _cli.GuestAsync("cut", "sudo", "id", "-u"));
        (await _cli.RunAsync("delete", "-f", "cut")).Ok();
    }

    [ProductFact]
    public async Task A_paused_guest_says_nothing_until_it_is_resumed()
    {
        await home.RunningAsync("t1");
        var port = (await _cli.ShowAsync("t1")).SshLocalPort;
        Assert.True(await Guest.GreetsAsync(port, TimeSpan.FromSeconds(20)));
        var boot = await Guest.BootIdAsync(home, "t1");

        (await _cli.RunAsync("pause", "t1")).Ok();
        Assert.Equal("Paused", (await _cli.ShowAsync("t1")).Status);
        Assert.False(await Guest.GreetsAsync(port, TimeSpan.FromSeconds(2)));
        (await _cli.RunAsync("shell", "t1", "true")).Fails(1, "is paused", "limactl resume t1");
        (await _cli.RunAsync("pause", "t1")).Ok();

        (await _cli.RunAsync("resume", "t1")).Ok();
        Assert.Equal("Running", (await _cli.ShowAsync("t1")).Status);
        Assert.True(await Guest.GreetsAsync(port, TimeSpan.FromSeconds(20)));
        Assert.Equal(boot, await Guest.BootIdAsync(home, "t1"));
        (await _cli.RunAsync("resume", "t1")).Ok();
    }

    [ProductFact]
    public async Task A_paused_guest_can_be_stopped_in_good_order()
    {
        await home.RunningAsync("t1");
        (await _cli.RunAsync("pause", "t1")).Ok();

        (await _cli.RunAsync(Patient, "stop", "t1")).Ok();

        Assert.Equal(("Stopped", "requested"), ((await _cli.ShowAsync("t1")).Status, (await _cli.ShowAsync("t1")).Cause?.Code));
        Assert.DoesNotContain("stop-escalated", (await _cli.RunAsync("history", "t1", "--json")).Ok().Split("stop-requested")[^1]);
    }

    [ProductFact]
    public async Task Deletion_is_refused_while_it_runs_or_is_protected()
    {
        await home.RunningAsync("t2");
        (await _cli.RunAsync("delete", "t2")).Fails(1, "Running", "limactl stop t2", "--force");
        Assert.Equal("Running", (await _cli.ShowAsync("t2")).Status);

        await File.WriteAllTextAsync(home["t2/protected"], "");
        Assert.True((await _cli.ShowAsync("t2")).Protected);
        (await _cli.RunAsync("delete", "-f", "t2")).Fails(1, "protected");
        Assert.Equal("Running", (await _cli.ShowAsync("t2")).Status);

        File.Delete(home["t2/protected"]);
        var id = (await _cli.ShowAsync("t2")).Id;
        (await _cli.RunAsync("delete", "-f", "t2")).Ok();
        Assert.Empty(Processes.QemusWithUuid(id));
        Assert.False(Directory.Exists(home["t2"]));
        Assert.DoesNotContain(await _cli.ListAsync(), i => i.Name == "t2");
    }

    [ProductFact]
    public async Task History_and_events_tell_what_happened_in_order()
    {
        await home.RunningAsync("t1");
        var id = (await _cli.ShowAsync("t1")).Id;

        var history = (await _cli.RunAsync("history", "t1", "--json")).Ok();
        string[] inOrder = ["vm.created.v1", "vm.start-requested.v1", "vm.boot-prepared.v1", "vm.qemu-launched.v1", "vm.requirement-met.v1", "vm.started.v1"];
        var places = inOrder.Select(type => history.IndexOf(type, StringComparison.Ordinal)).ToArray();
        Assert.DoesNotContain(-1, places);
        Assert.Equal(places.Order(), places);
        Assert.Contains("t1 | start requested", (await _cli.RunAsync("history", "t1")).Ok());

        var events = (await _cli.RunAsync("events", "--json", "t1")).Ok().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(history.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, events.Length);
        Assert.All(events, line => Assert.Contains(id, line));
    }

    [ProductFact]
    public async Task Host_images_and_facts_can_be_looked_at()
    {
        await home.RunningAsync("t1");

        var status = (await _cli.RunAsync("host", "status")).Ok();
        Assert.Contains($"running (process {home.HostPid}", status);
        Assert.Contains(home.Path, status);
        Assert.Matches(@"(?m)^QEMU: +\d+\.\d+", status);
        Assert.Matches(@"(?m)^Accelerator: +(kvm|tcg|hvf) \(", status);
        Assert.Matches(@"(?m)recipe:tiny$", (await _cli.RunAsync("image", "ls")).Ok());
        var info = (await _cli.RunAsync("info")).Ok();
        Assert.Contains($"\"limaHome\": \"{home.Path}\"", info);
        Assert.Contains("\"tiny\"", info);
    }

    private static string Text(Ran ran) => ran.Ok() + ran.Error;
}
