using Akka.Actor;
using Lima.Actors.Tests.Support;
using Lima.Domain.Vms;
using Lima.Drivers;
using Lima.Drivers.Hypervisors;
using Lima.Drivers.Progress;
using Xunit.Abstractions;

namespace Lima.Actors.Tests.Vms;

/// <summary>Starts that fail or are given up.</summary>
public sealed class StartTroubleTests(ITestOutputHelper output) : ActorSpec(output)
{
    private static Task Hang(CancellationToken cancel) => Task.Delay(Timeout.Infinite, cancel);

    [Fact]
    public async Task What_preparing_says_is_the_cause()
    {
        await CreateAsync("web");
        World.Preparer.Work = _ => throw new DriverException("image-digest-mismatch", "checking the image", "the digest is wrong");
        await DoAsync("web", Say.Start);
        var state = await UntilAsync("web", s => s.Phase == VmPhase.Error);
        Assert.Equal("image-digest-mismatch", state.Cause!.Code);
        World.Preparer.Work = _ => Task.CompletedTask;
        await DoAsync("web", Say.Start);
        await UntilAsync("web", s => s.Phase == VmPhase.Running);
    }

    [Fact]
    public async Task A_defect_while_preparing_is_told_like_any_failure()
    {
        await CreateAsync("web");
        World.Preparer.Work = _ => throw new InvalidDataException("unexpected");
        await DoAsync("web", Say.Start);
        Assert.Equal(VmCauses.PrepareFailed, (await UntilAsync("web", s => s.Phase == VmPhase.Error)).Cause!.Code);
    }

    [Fact]
    public async Task What_QEMU_says_is_the_cause()
    {
        await CreateAsync("web");
        World.Hypervisor.BeforeLaunch = _ => throw new DriverException(VmCauses.LaunchFailed, "launching QEMU", "qemu: no such device");
        await DoAsync("web", Say.Start);
        var state = await UntilAsync("web", s => s.Phase == VmPhase.Error);
        Assert.Equal("qemu: no such device", state.Cause!.Message);
        Assert.Equal(0, World.Hypervisor.Living);
    }

    [Fact]
    public async Task A_start_can_be_cancelled_while_it_waits_for_a_place()
    {
        World.Settings = World.Settings with { BootsAtOnce = 1 };
        await CreateAsync("first");
        await CreateAsync("second");
        World.Preparer.Work = Hang;
        await DoAsync("first", Say.Start);
        await EventuallyAsync(() => Assert.Equal(1, World.Preparer.Calls));
        await DoAsync("second", Say.Start);
        await DoAsync("second", Say.Stop);
        Assert.Equal(VmCauses.StartCancelled, (await UntilAsync("second", s => s.Phase == VmPhase.Stopped && s.Attempt == 1)).Cause!.Code);
        Assert.Equal(1, World.Preparer.Calls);
    }

    [Fact]
    public async Task A_start_can_be_cancelled_while_it_prepares()
    {
        await CreateAsync("web");
        World.Preparer.Work = Hang;
        await DoAsync("web", Say.Start);
        await EventuallyAsync(() => Assert.Equal(1, World.Preparer.Calls));
        await DoAsync("web", Say.Stop);
        Assert.Equal(VmCauses.StartCancelled, (await UntilAsync("web", s => s.Phase == VmPhase.Stopped)).Cause!.Code);
        Assert.Equal(0, World.Hypervisor.Launches);
        World.Preparer.Work = _ => Task.CompletedTask;
        await DoAsync("web", Say.Start);
        await UntilAsync("web", s => s.Phase == VmPhase.Running);
    }

    [Fact]
    public async Task A_start_can_be_cancelled_while_QEMU_launches()
    {
        await CreateAsync("web");
        World.Hypervisor.BeforeLaunch = Hang;
        await DoAsync("web", Say.Start);
        await EventuallyAsync(() => Assert.Equal(1, World.Hypervisor.Launches));
        await DoAsync("web", Say.Stop);
        await UntilAsync("web", s => s.Phase == VmPhase.Stopped);
        Assert.Equal(0, World.Hypervisor.Living);
    }

    [Fact]
    public async Task A_QEMU_that_came_to_life_in_spite_of_a_stop_is_ended()
    {
        await CreateAsync("web");
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        World.Hypervisor.HeedsCancellation = false;
        World.Hypervisor.BeforeLaunch = _ => gate.Task;
        await DoAsync("web", Say.Start);
        await EventuallyAsync(() => Assert.Equal(1, World.Hypervisor.Launches));
        await DoAsync("web", Say.Stop);
        gate.SetResult();
        await UntilAsync("web", s => s.Phase == VmPhase.Stopped);
        Assert.Equal(0, World.Hypervisor.Living);
    }

    [Fact]
    public async Task A_restart_during_a_start_begins_anew()
    {
        await CreateAsync("web");
        World.Preparer.Work = Hang;
        await DoAsync("web", Say.Start);
        await EventuallyAsync(() => Assert.Equal(1, World.Preparer.Calls));
        World.Preparer.Work = _ => Task.CompletedTask;
        await DoAsync("web", Say.Restart);
        await UntilAsync("web", s => s is { Phase: VmPhase.Running, Attempt: 2 });
        Assert.Equal(1, World.Hypervisor.Living);
    }

    [Fact]
    public async Task A_guest_that_powers_off_while_it_starts_is_an_error()
    {
        World.Progress.ByItself = [];
        World.Ssh.IsUp = false;
        var id = (await CreateAsync("web")).Id;
        await DoAsync("web", Say.Start);
        await EventuallyAsync(() => Assert.Equal(1, World.Hypervisor.Of(id)?.AttachedNow));
        World.Hypervisor.Of(id)!.Exit(MachineExit.GuestShutdown);
        Assert.Equal(VmCauses.GuestPowerOff, (await UntilAsync("web", s => s.Phase == VmPhase.Error)).Cause!.Code);
    }

    [Fact]
    public async Task Failed_boot_scripts_leave_a_running_VM_degraded()
    {
        World.Progress.ByItself = [new(1, GuestReportKind.Ssh, ""), new(1, GuestReportKind.Warn, "10-install.sh"), new(2, GuestReportKind.Ready, "iid-1")];
        await CreateAsync("web");
        await DoAsync("web", Say.Start);
        var state = await UntilAsync("web", s => s.Phase == VmPhase.Running && s.Degradations.Count > 0);
        Assert.Contains("10-install.sh", state.Degradations[VmCauses.BootScripts].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_guest_without_a_progress_port_is_asked_over_SSH()
    {
        World.Progress.ByItself = [];
        await CreateAsync("web");
        await DoAsync("web", Say.Start);
        await UntilAsync("web", s => s.RequirementsMet.Contains(Domain.Vms.Readiness.Ssh));
        World.Ssh.Marker = "iid-7\n";
        await UntilAsync("web", s => s.Phase == VmPhase.Running);
    }

    [Fact]
    public async Task Readiness_that_failed_and_was_restarted_still_asks_over_SSH()
    {
        World.Progress.ByItself = [];
        var id = (await CreateAsync("web")).Id;
        await DoAsync("web", Say.Start);
        await UntilAsync("web", s => s.RequirementsMet.Contains(Domain.Vms.Readiness.Ssh));
        var readiness = await World.ChildOfAsync(id, "boot-*");
        readiness.Tell(Kill.Instance);
        World.Ssh.Marker = "iid-7\n";
        await UntilAsync("web", s => s.Phase == VmPhase.Running);
    }

    [Fact]
    public async Task Readiness_that_was_given_up_is_tried_again()
    {
        World.Progress.Failures = World.Settings.ChildRestarts + 2;
        await CreateAsync("web");
        await DoAsync("web", Say.Start);
        await UntilAsync("web", s => s.Phase == VmPhase.Running);
    }
}
