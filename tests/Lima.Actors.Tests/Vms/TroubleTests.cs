using Akka.Actor;
using Lima.Actors.Tests.Support;
using Lima.Domain.Vms;
using Lima.Drivers.Hypervisors;
using Xunit.Abstractions;

namespace Lima.Actors.Tests.Vms;

/// <summary>What befalls a VM that runs.</summary>
public sealed class TroubleTests(ITestOutputHelper output) : ActorSpec(output)
{
    [Fact]
    public async Task A_crash_is_an_error_with_QEMUs_last_words()
    {
        var (_, guest) = await RunningAsync();
        guest.Exit(MachineExit.Crash, "qemu: out of memory");
        var cause = (await UntilAsync("web", s => s.Phase == VmPhase.Error)).Cause!;
        Assert.Equal(VmCauses.QemuCrashed, cause.Code);
        Assert.Contains("out of memory", cause.Message, StringComparison.Ordinal);
        await DoAsync("web", Say.Start);
        await UntilAsync("web", s => s is { Phase: VmPhase.Running, Attempt: 2 });
    }

    [Fact]
    public async Task A_panic_is_an_error()
    {
        var (_, guest) = await RunningAsync();
        guest.Say(new MachineEvent.Panicked());
        guest.Exit(MachineExit.Panic);
        Assert.Equal(VmCauses.GuestPanic, (await UntilAsync("web", s => s.Phase == VmPhase.Error)).Cause!.Code);
    }

    [Fact]
    public async Task A_guest_may_switch_itself_off()
    {
        var (_, guest) = await RunningAsync();
        guest.Exit(MachineExit.GuestShutdown);
        Assert.Equal(VmCauses.GuestPowerOff, (await UntilAsync("web", s => s.Phase == VmPhase.Stopped)).Cause!.Code);
    }

    [Fact]
    public async Task A_full_disk_pauses_and_says_why()
    {
        var (_, guest) = await RunningAsync();
        guest.Say(new MachineEvent.IoError("disk0", "no space left"));
        guest.Pause();
        var state = await UntilAsync("web", s => s.Phase == VmPhase.Paused);
        Assert.Equal(VmCauses.IoError, state.Cause!.Code);
        await DoAsync("web", Say.Resume);
        await UntilAsync("web", s => s is { Phase: VmPhase.Running, Cause: null });
    }

    [Fact]
    public async Task A_reboot_of_the_guest_is_remembered()
    {
        var (id, guest) = await RunningAsync();
        guest.Say(new MachineEvent.Reset());
        await EventuallyAsync(() => Assert.Contains("GuestRebooted", World.EventsOf(id)));
        Assert.Equal(VmPhase.Running, World.Views.Views["web"].State.Phase);
    }

    [Fact]
    public async Task A_mute_QEMU_is_a_degradation_that_heals()
    {
        var (_, guest) = await RunningAsync();
        guest.IsMute = true;
        await UntilAsync("web", s => s.Phase == VmPhase.Running && s.Degradations.ContainsKey(VmCauses.QmpMute));
        guest.IsMute = false;
        await UntilAsync("web", s => s.Degradations.IsEmpty);
    }

    [Fact]
    public async Task A_mute_QEMU_can_be_ended_by_force()
    {
        var (_, guest) = await RunningAsync();
        guest.IsMute = true;
        await DoAsync("web", Say.Kill);
        await UntilAsync("web", s => s.Phase == VmPhase.Stopped);
        Assert.Equal(1, guest.Kills);
    }

    [Fact]
    public async Task A_mute_QEMU_that_heals_while_no_host_looks_is_found_well()
    {
        var (_, guest) = await RunningAsync();
        guest.IsMute = true;
        await UntilAsync("web", s => s.Degradations.ContainsKey(VmCauses.QmpMute));
        await World.StopAsync();
        guest.IsMute = false;
        await World.RestartedAsync();
        await UntilAsync("web", s => s is { Phase: VmPhase.Running, Degradations.IsEmpty: true });
    }

    [Fact]
    public async Task A_lost_SSH_session_is_a_degradation_that_heals()
    {
        var (id, guest) = await RunningAsync();
        await EventuallyAsync(() => Assert.Equal(1, World.Ssh.Open));
        World.Ssh.Break();
        await UntilAsync("web", s => s.Phase == VmPhase.Running && s.Degradations.ContainsKey(VmCauses.SshDown));
        World.Ssh.IsUp = true;
        await UntilAsync("web", s => s.Degradations.IsEmpty);
        Assert.True(guest.IsAlive);
        Assert.Single(World.EventsOf(id), e => e == "Degraded");
    }

    [Fact]
    public async Task An_SSH_session_that_does_not_answer_is_replaced()
    {
        await RunningAsync();
        await EventuallyAsync(() => Assert.Equal(1, World.Ssh.Open));
        var before = World.Ssh.Sessions;
        World.Ssh.IsMute = true;
        await EventuallyAsync(() => Assert.True(World.Ssh.Sessions > before));
        World.Ssh.IsMute = false;
        await UntilAsync("web", s => s.Degradations.IsEmpty);
        await EventuallyAsync(() => Assert.Equal(1, World.Ssh.Open));
    }

    [Fact]
    public async Task A_session_that_comes_after_the_VM_has_stopped_is_closed()
    {
        var (_, guest) = await RunningAsync();
        await EventuallyAsync(() => Assert.Equal(1, World.Ssh.Open));
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        World.Ssh.ConnectGate = gate.Task;
        World.Ssh.Break();
        await UntilAsync("web", s => s.Degradations.ContainsKey(VmCauses.SshDown));
        World.Ssh.IsUp = true;
        await EventuallyAsync(() => Assert.Equal(1, World.Ssh.Connecting));
        guest.Exit(MachineExit.GuestShutdown);
        await UntilAsync("web", s => s.Phase == VmPhase.Stopped);
        gate.SetResult();
        await EventuallyAsync(() => Assert.Equal((0, 0), (World.Ssh.Connecting, World.Ssh.Open)));
    }

    [Fact]
    public async Task QEMUs_keeper_may_be_restarted_and_finds_the_machine_again()
    {
        var (id, guest) = await RunningAsync();
        var keeper = await World.ChildOfAsync(id, "qemu");
        await EventuallyAsync(() => Assert.Equal(1, guest.AttachedNow));
        keeper.Tell(Kill.Instance);
        await EventuallyAsync(() => Assert.Equal((2, 1), (guest.AttachedEver, guest.AttachedNow)));
        Assert.Equal(0, guest.Kills);
        await DoAsync("web", Say.Pause);
        await UntilAsync("web", s => s.Phase == VmPhase.Paused);
        Assert.Equal(1, World.Hypervisor.Launches);
    }

    [Fact]
    public async Task QEMUs_keeper_may_be_restarted_while_it_prepares()
    {
        var id = (await CreateAsync("web")).Id;
        World.Preparer.Work = cancel => Task.Delay(Timeout.Infinite, cancel);
        await DoAsync("web", Say.Start);
        await EventuallyAsync(() => Assert.Equal(1, World.Preparer.Calls));
        World.Preparer.Work = _ => Task.CompletedTask;
        (await World.ChildOfAsync(id, "qemu")).Tell(Kill.Instance);
        var state = await UntilAsync("web", s => s.Phase == VmPhase.Running);
        Assert.Equal(1, state.Attempt);
        Assert.Equal((1, 0), (World.Hypervisor.Launches, World.Hypervisor.Doubled));
    }

    [Fact]
    public async Task QEMUs_keeper_may_be_restarted_while_QEMU_launches()
    {
        var id = (await CreateAsync("web")).Id;
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        World.Hypervisor.HeedsCancellation = false;
        World.Hypervisor.BeforeLaunch = _ => gate.Task;
        await DoAsync("web", Say.Start);
        await EventuallyAsync(() => Assert.Equal(1, World.Hypervisor.Launches));
        (await World.ChildOfAsync(id, "qemu")).Tell(Kill.Instance);
        gate.SetResult();
        await UntilAsync("web", s => s.Phase == VmPhase.Running);
        Assert.Equal((1, 0), (World.Hypervisor.Launches, World.Hypervisor.Doubled));
    }

    [Fact]
    public async Task A_keeper_that_fails_too_often_is_made_anew()
    {
        var (id, guest) = await RunningAsync();
        var keeper = await World.ChildOfAsync(id, "qemu");
        Watch(keeper);
        for (var i = 0; i <= World.Settings.ChildRestarts; i++) keeper.Tell(Kill.Instance);
        await ExpectTerminatedAsync(keeper, Patience);
        await EventuallyAsync(() => Assert.Equal(1, guest.AttachedNow));
        Assert.Equal(0, guest.Kills);
        await DoAsync("web", Say.Stop);
        await UntilAsync("web", s => s.Phase == VmPhase.Stopped);
        Assert.Equal(0, guest.Kills);
    }

    [Fact]
    public async Task A_session_keeper_that_fails_too_often_is_made_anew()
    {
        var (id, _) = await RunningAsync();
        await EventuallyAsync(() => Assert.Equal(1, World.Ssh.Open));
        var keeper = await World.ChildOfAsync(id, "ssh-*");
        for (var i = 0; i <= World.Settings.ChildRestarts; i++) keeper.Tell(Kill.Instance);
        await EventuallyAsync(() => Assert.Contains("Degraded", World.EventsOf(id)));
        await UntilAsync("web", s => s is { Phase: VmPhase.Running, Degradations.IsEmpty: true });
        await EventuallyAsync(() => Assert.Equal(1, World.Ssh.Open));
    }

    [Fact]
    public async Task Attaching_is_tried_until_it_works()
    {
        World.Hypervisor.RefusesAttach = true;
        var id = (await CreateAsync("web")).Id;
        await DoAsync("web", Say.Start);
        await EventuallyAsync(() => Assert.Equal(1, World.Hypervisor.Living));
        World.Hypervisor.RefusesAttach = false;
        await EventuallyAsync(() => Assert.Equal(1, World.Hypervisor.Of(id)!.AttachedNow));
        await UntilAsync("web", s => s.Phase == VmPhase.Running);
        Assert.Equal(0, World.Hypervisor.Of(id)!.Kills);
    }
}
