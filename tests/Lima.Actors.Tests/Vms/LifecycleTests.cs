using Akka.Actor;
using Lima.Actors.Tests.Support;
using Lima.Actors.Vms;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;
using Lima.Drivers;
using Lima.Drivers.Hypervisors;
using Xunit.Abstractions;

namespace Lima.Actors.Tests.Vms;

/// <summary>What users ask for, when all goes well.</summary>
public sealed class LifecycleTests(ITestOutputHelper output) : ActorSpec(output)
{
    [Fact]
    public async Task A_start_leads_to_running_by_one_event_after_the_other()
    {
        var (id, guest) = await RunningAsync();
        var events = World.EventsOf(id);
        // SSH and the boot scripts are met in either order.
        Assert.Equal(
            ["Created", "StartRequested", "BootPrepared", "QemuLaunched", "RequirementMet", "RequirementMet", "Started"], events.Where(e => e != "BootTimed").Take(7));
        Assert.Contains("BootTimed", events.Take(8));
        Assert.Equal(guest.Process, (await UntilAsync("web", s => s.Process is not null)).Process);
        Assert.Equal(1, World.Preparer.Calls);
        Assert.Equal(0, World.Hypervisor.Doubled);
    }

    [Fact]
    public async Task A_repeated_command_changes_nothing()
    {
        await CreateAsync("web");
        var first = await World.Manager.Ask<VmProtocol.Accepted>(new VmProtocol.Envelope("web", Say.Start("same")), Patience);
        var second = await World.Manager.Ask<VmProtocol.Accepted>(new VmProtocol.Envelope("web", Say.Start("same")), Patience);
        Assert.True(first.Changed);
        Assert.False(second.Changed);
        var state = await UntilAsync("web", s => s.Phase == VmPhase.Running);
        Assert.Equal(1, state.Attempt);
    }

    [Fact]
    public async Task A_stop_presses_the_power_button()
    {
        var (id, guest) = await RunningAsync();
        await DoAsync("web", Say.Stop);
        var state = await UntilAsync("web", s => s.Phase == VmPhase.Stopped);
        Assert.Equal(VmCauses.Requested, state.Cause!.Code);
        Assert.Equal(0, guest.Kills);
        Assert.Null(World.Hypervisor.Of(id));
        await EventuallyAsync(() => Assert.Equal(0, World.Ssh.Open));
    }

    [Fact]
    public async Task A_press_that_the_guest_did_not_hear_is_repeated()
    {
        var (_, guest) = await RunningAsync();
        guest.IsDeaf = true;
        await DoAsync("web", Say.Stop);
        await UntilAsync("web", s => s.Intent == VmIntent.Stopping);
        guest.IsDeaf = false;
        await UntilAsync("web", s => s.Phase == VmPhase.Stopped);
        Assert.Equal(0, guest.Kills);
    }

    [Fact]
    public async Task A_forced_stop_ends_QEMU()
    {
        var (_, guest) = await RunningAsync();
        guest.IsDeaf = true;
        await DoAsync("web", Say.Kill);
        await UntilAsync("web", s => s.Phase == VmPhase.Stopped);
        Assert.Equal(1, guest.Kills);
    }

    [Fact]
    public async Task A_restart_brings_up_another_QEMU()
    {
        var (id, first) = await RunningAsync();
        await DoAsync("web", Say.Restart);
        await UntilAsync("web", s => s is { Phase: VmPhase.Running, Attempt: 2 });
        Assert.False(first.IsAlive);
        Assert.NotEqual(first.Process, World.Hypervisor.Of(id)!.Process);
        Assert.Equal(0, World.Hypervisor.Doubled);
    }

    [Fact]
    public async Task Pause_and_resume_go_by_QEMUs_word()
    {
        var (_, guest) = await RunningAsync();
        await DoAsync("web", Say.Pause);
        await UntilAsync("web", s => s is { Phase: VmPhase.Paused, Intent: VmIntent.None });
        Assert.True(guest.IsPaused);
        await EventuallyAsync(() => Assert.Equal(0, World.Ssh.Open));
        await DoAsync("web", Say.Resume);
        await UntilAsync("web", s => s is { Phase: VmPhase.Running, Intent: VmIntent.None });
        await EventuallyAsync(() => Assert.Equal(1, World.Ssh.Open));
    }

    [Fact]
    public async Task A_pause_that_QEMU_refuses_is_told()
    {
        var (_, guest) = await RunningAsync();
        guest.Refuses = true;
        await DoAsync("web", Say.Pause);
        var state = await UntilAsync("web", s => s is { Intent: VmIntent.None, Cause: not null });
        Assert.Equal(VmPhase.Running, state.Phase);
        Assert.Equal(VmCauses.QmpRefused, state.Cause!.Code);
    }

    [Fact]
    public async Task A_paused_VM_is_resumed_to_be_stopped()
    {
        var (id, guest) = await RunningAsync();
        await DoAsync("web", Say.Pause);
        await UntilAsync("web", s => s.Phase == VmPhase.Paused);
        await DoAsync("web", Say.Stop);
        await UntilAsync("web", s => s.Phase == VmPhase.Stopped);
        Assert.Equal(0, guest.Kills);
        Assert.Contains("Resumed", World.EventsOf(id));
    }

    [Fact]
    public async Task Delete_wants_a_stopped_VM_or_force()
    {
        var (id, guest) = await RunningAsync();
        var refused = Assert.IsType<VmProtocol.Rejected>(await SendAsync("web", Say.Delete));
        Assert.Contains("--force", refused.Error.Hint, StringComparison.Ordinal);
        Assert.True(guest.IsAlive);
        await DoAsync("web", Say.ForceDelete);
        await EventuallyAsync(() => Assert.DoesNotContain("web", World.Views.Views.Keys));
        Assert.Null(World.Hypervisor.Of(id));
        Assert.False(Directory.Exists(World.Home.Instance(VmName.Parse("web")).Path));
        Assert.Equal("instance-not-found", Assert.IsType<VmProtocol.Rejected>(await SendAsync("web", Say.Start)).Error.Code);
    }

    [Fact]
    public async Task A_deletion_that_fails_leaves_the_VM_and_says_why()
    {
        await CreateAsync("web");
        World.Store.RemoveProblem = new DriverException("protected", "deleting", "instance `web` is protected");
        await DoAsync("web", Say.Delete);
        var state = await UntilAsync("web", s => s is { Intent: VmIntent.None, Cause: not null });
        Assert.Equal("protected", state.Cause!.Code);
        World.Store.RemoveProblem = null;
        await DoAsync("web", Say.Delete);
        await EventuallyAsync(() => Assert.Empty(World.Views.Views));
    }

    [Fact]
    public async Task A_name_can_be_used_again()
    {
        var first = await CreateAsync("web");
        await DoAsync("web", Say.Delete);
        await EventuallyAsync(() => Assert.Empty(World.Views.Views));
        var second = await CreateAsync("web");
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal(0, second.State.Attempt);
    }

    [Fact]
    public async Task A_start_while_it_goes_down_is_made_afterwards()
    {
        var (_, guest) = await RunningAsync();
        guest.IsDeaf = true;
        await DoAsync("web", Say.Stop);
        await DoAsync("web", Say.Start);
        guest.Exit(MachineExit.GuestShutdown);
        await UntilAsync("web", s => s is { Phase: VmPhase.Running, Attempt: 2 });
    }
}
