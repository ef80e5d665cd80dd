using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;

namespace Lima.Domain.Tests.Vms;

/// <summary>Whole stories, from a user's wish to where the VM comes to rest, with what is done on the way.</summary>
public sealed class ScenarioTests
{
    private readonly VmStory _vm = VmStory.Created();

    [Fact]
    public void Start()
    {
        _vm.Handle(Say.Start());
        Is(VmPhase.Starting);
        Does(new VmEffect.ArmStartDeadline(1, _vm.Now + Say.Timeout), new VmEffect.PrepareBoot(1, 0));
        _vm.Handle(Say.Prepared());
        Does(new VmEffect.LaunchQemu(1, Say.Port));
        _vm.Handle(Say.Launched());
        Does(new VmEffect.ArmStartDeadline(1, _vm.State.StartDeadline), new VmEffect.WatchQemu(Say.Qemu), new VmEffect.WatchReadiness(Say.Port, _vm.Now));
        _vm.Handle(Say.Ssh());
        Is(VmPhase.Starting);
        Does();
        _vm.Handle(Say.Scripts());
        Is(VmPhase.Running);
        Does(new VmEffect.CancelDeadlines(), new VmEffect.OpenSsh(Say.Port));
        Assert.Equal(_vm.Now, _vm.State.Since);
        Assert.Null(_vm.State.Cause);
    }

    [Fact]
    public void The_port_of_the_last_start_is_asked_for_again()
    {
        Running().After(Say.Stop(), Say.Exited(ExitKind.GuestShutdown)).Handle(Say.Start());
        Does(new VmEffect.ArmStartDeadline(2, _vm.State.StartDeadline), new VmEffect.PrepareBoot(2, Say.Port));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Cancelled_while_preparing(bool tooLate)
    {
        _vm.After(Say.Start()).Handle(Say.Stop());
        Is(VmPhase.Starting, VmIntent.Stopping);
        Does(new VmEffect.CancelBoot());
        _vm.Handle(tooLate ? Say.Prepared() : new VmReports.PrepareFailed(1, Say.Cause("cancelled")));
        Rests(VmPhase.Stopped, VmCauses.StartCancelled);
        Does(new VmEffect.CancelDeadlines(), new VmEffect.CleanUp());
    }

    [Fact]
    public void Cancelled_while_launching()
    {
        _vm.After(Say.Start(), Say.Prepared()).Handle(Say.Stop());
        Does(new VmEffect.CancelBoot());
        _vm.Handle(new VmReports.LaunchFailed(1, Say.Cause("cancelled")));
        Rests(VmPhase.Stopped, VmCauses.StartCancelled);
    }

    [Fact]
    public void Cancelled_while_launching_but_QEMU_was_faster()
    {
        _vm.After(Say.Start(), Say.Prepared(), Say.Stop()).Handle(Say.Launched());
        Is(VmPhase.Starting, VmIntent.Stopping);
        Does(new VmEffect.WatchQemu(Say.Qemu), new VmEffect.KillQemu());
        _vm.Handle(Say.Exited(ExitKind.Crash));
        Rests(VmPhase.Stopped, VmCauses.StartCancelled);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Stopped_while_the_guest_boots(bool hasSsh)
    {
        _vm.After(Say.Start(), Say.Prepared(), Say.Launched());
        if (hasSsh) _vm.Handle(Say.Ssh());
        _vm.Handle(Say.Stop());
        // Only a guest with SSH is known to hear the power button.
        if (hasSsh) Does(new VmEffect.PowerDown(), new VmEffect.ArmStopDeadline(1));
        else Does(new VmEffect.KillQemu());
        _vm.Handle(Say.Scripts());
        Is(VmPhase.Starting, VmIntent.Stopping);
        _vm.Handle(Say.Exited(ExitKind.GuestShutdown));
        Rests(VmPhase.Stopped, VmCauses.StartCancelled);
    }

    [Fact]
    public void Stop()
    {
        Running().Handle(Say.Stop());
        Is(VmPhase.Running, VmIntent.Stopping);
        Does(new VmEffect.PowerDown(), new VmEffect.ArmStopDeadline(1));
        _vm.Handle(Say.Exited(ExitKind.GuestShutdown));
        Rests(VmPhase.Stopped, VmCauses.Requested);
        Does(new VmEffect.CancelDeadlines(), new VmEffect.CleanUp());
    }

    [Fact]
    public void Stop_of_a_guest_that_does_not_listen()
    {
        Running().After(Say.Stop()).Handle(new VmReports.StopDeadlinePassed(1));
        Is(VmPhase.Running, VmIntent.Killing);
        Does(new VmEffect.KillQemu());
        _vm.Handle(Say.Exited(ExitKind.Crash));
        Rests(VmPhase.Stopped, VmCauses.Requested);
    }

    [Fact]
    public void Stop_then_stop_by_force()
    {
        Running().After(Say.Stop()).Handle(Say.Stop(force: true));
        Is(VmPhase.Running, VmIntent.Killing);
        Does(new VmEffect.KillQemu());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Restart(bool force)
    {
        Running().Handle(Say.Restart(force));
        Is(VmPhase.Running, VmIntent.Restarting);
        if (force) Does(new VmEffect.KillQemu());
        else Does(new VmEffect.PowerDown(), new VmEffect.ArmStopDeadline(1));
        _vm.Handle(Say.Exited(force ? ExitKind.Crash : ExitKind.GuestShutdown));
        Is(VmPhase.Starting);
        Does(
            new VmEffect.CancelDeadlines(), new VmEffect.CleanUp(),
            new VmEffect.ArmStartDeadline(2, _vm.Now + Say.Timeout), new VmEffect.PrepareBoot(2, Say.Port));
    }

    [Fact]
    public void Restart_of_a_guest_that_does_not_listen_still_starts_it_again()
    {
        Running().After(Say.Restart()).Handle(new VmReports.StopDeadlinePassed(1));
        Is(VmPhase.Running, VmIntent.Restarting);
        Does(new VmEffect.KillQemu());
        _vm.Handle(Say.Exited(ExitKind.Crash));
        Is(VmPhase.Starting);
        Assert.Equal(2, _vm.State.Attempt);
    }

    [Fact]
    public void Restart_while_starting()
    {
        _vm.After(Say.Start()).Handle(Say.Restart());
        Does(new VmEffect.CancelBoot());
        _vm.Handle(Say.Prepared());
        Is(VmPhase.Starting);
        Assert.Equal(2, _vm.State.Attempt);
        Assert.IsType<VmDecision.NoChange>(_vm.Handle(Say.Prepared(attempt: 1)));
        Assert.IsType<VmDecision.Accept>(_vm.Handle(Say.Prepared(attempt: 2)));
    }

    [Fact]
    public void Restart_while_a_start_is_failing()
    {
        _vm.After(Say.Start(), Say.Prepared(), Say.Launched(), new VmReports.StartDeadlinePassed(1), Say.Restart());
        _vm.Handle(Say.Exited(ExitKind.Crash));
        Is(VmPhase.Starting);
        Assert.Equal(2, _vm.State.Attempt);
        Assert.Null(_vm.State.Failing);
    }

    [Fact]
    public void Start_while_stopping_stops_and_starts()
    {
        Running().After(Say.Stop()).Handle(Say.Start());
        Is(VmPhase.Running, VmIntent.Restarting);
        _vm.Handle(Say.Exited(ExitKind.GuestShutdown));
        Is(VmPhase.Starting);
    }

    [Fact]
    public void Pause_and_resume()
    {
        Running().Handle(Say.Pause());
        Is(VmPhase.Running, VmIntent.Pausing);
        Does(new VmEffect.PauseQemu());
        _vm.Handle(new VmReports.Paused());
        Is(VmPhase.Paused);
        Does(new VmEffect.CloseSsh());
        _vm.Handle(Say.Resume());
        Is(VmPhase.Paused, VmIntent.Resuming);
        Does(new VmEffect.ResumeQemu());
        _vm.Handle(new VmReports.Resumed());
        Is(VmPhase.Running);
        Does(new VmEffect.OpenSsh(Say.Port));
    }

    [Fact]
    public void Pause_taken_back_before_it_happened()
    {
        Running().After(Say.Pause()).Handle(Say.Resume());
        Is(VmPhase.Running, VmIntent.Resuming);
        _vm.Handle(new VmReports.Resumed());
        Is(VmPhase.Running);
    }

    [Fact]
    public void Resume_taken_back_before_it_happened()
    {
        Paused().After(Say.Resume()).Handle(Say.Pause());
        Is(VmPhase.Paused, VmIntent.Pausing);
        _vm.Handle(new VmReports.Paused());
        Is(VmPhase.Paused);
    }

    [Fact]
    public void Pause_taken_back_after_it_happened()
    {
        Running().After(Say.Pause(), Say.Resume()).Handle(new VmReports.Paused());
        Is(VmPhase.Paused, VmIntent.Resuming);
        Does(new VmEffect.CloseSsh(), new VmEffect.ResumeQemu());
    }

    [Fact]
    public void Pause_that_QEMU_refuses()
    {
        Running().After(Say.Pause()).Handle(new VmReports.Refused(Say.Cause(VmCauses.QmpRefused)));
        Rests(VmPhase.Running, VmCauses.QmpRefused);
    }

    [Fact]
    public void Stop_while_paused_resumes_first()
    {
        Paused().Handle(Say.Stop());
        Does(new VmEffect.ResumeQemu(), new VmEffect.ArmStopDeadline(1));
        _vm.Handle(new VmReports.Resumed());
        Is(VmPhase.Running, VmIntent.Stopping);
        Does(new VmEffect.PowerDown(), new VmEffect.ArmStopDeadline(1));
        _vm.Handle(Say.Exited(ExitKind.GuestShutdown));
        Rests(VmPhase.Stopped, VmCauses.Requested);
    }

    [Fact]
    public void Stop_while_a_pause_is_under_way_resumes_so_that_the_guest_hears_it()
    {
        Running().After(Say.Pause(), Say.Stop()).Handle(new VmReports.Paused());
        Is(VmPhase.Paused, VmIntent.Stopping);
        Does(new VmEffect.CloseSsh(), new VmEffect.ResumeQemu());
        _vm.Handle(new VmReports.Resumed());
        Does(new VmEffect.PowerDown(), new VmEffect.ArmStopDeadline(1));
    }

    [Fact]
    public void Stop_of_a_guest_whose_storage_failed_is_left_to_the_deadline()
    {
        Running().After(Say.Stop()).Handle(new VmReports.StorageFailed("no space"));
        Does(new VmEffect.CloseSsh());
        _vm.Handle(new VmReports.StopDeadlinePassed(1));
        Does(new VmEffect.KillQemu());
        _vm.Handle(Say.Exited(ExitKind.Crash));
        Rests(VmPhase.Stopped, VmCauses.Requested);
    }

    [Fact]
    public void Delete()
    {
        _vm.Handle(Say.Delete());
        Is(VmPhase.Stopped, VmIntent.Deleting);
        Does(new VmEffect.RemoveInstance());
        _vm.Handle(new VmReports.Removed());
        Assert.True(_vm.State.IsDeleted);
        Assert.False(_vm.State.Exists);
        Assert.Empty(_vm.Recover());
        Assert.IsType<VmDecision.NoChange>(_vm.Handle(new VmReports.Registered("dev", VmOrigins.Found)));
    }

    [Fact]
    public void Delete_that_fails_may_be_tried_again()
    {
        _vm.After(Say.Delete()).Handle(new VmReports.RemoveFailed(Say.Cause(VmCauses.RemoveFailed)));
        Rests(VmPhase.Stopped, VmCauses.RemoveFailed);
        _vm.Handle(Say.Delete());
        Does(new VmEffect.RemoveInstance());
    }

    [Fact]
    public void Delete_by_force()
    {
        Running().Handle(Say.Delete(force: true));
        Does(new VmEffect.KillQemu());
        _vm.Handle(Say.Exited(ExitKind.Crash));
        Is(VmPhase.Stopped, VmIntent.Deleting);
        Does(new VmEffect.CancelDeadlines(), new VmEffect.CleanUp(), new VmEffect.RemoveInstance());
        _vm.Handle(new VmReports.Removed());
        Assert.True(_vm.State.IsDeleted);
    }

    [Fact]
    public void A_late_word_of_a_failed_removal_does_not_hold_up_a_deletion_under_way()
    {
        Running().After(Say.Delete(force: true));
        Assert.IsType<VmDecision.NoChange>(_vm.Handle(new VmReports.RemoveFailed(Say.Cause(VmCauses.RemoveFailed))));
        Is(VmPhase.Running, VmIntent.Deleting);
    }

    [Theory]
    [InlineData(ExitKind.Crash, VmPhase.Error, VmCauses.QemuCrashed)]
    [InlineData(ExitKind.Panic, VmPhase.Error, VmCauses.GuestPanic)]
    [InlineData(ExitKind.GuestShutdown, VmPhase.Stopped, VmCauses.GuestPowerOff)]
    [InlineData(ExitKind.Quit, VmPhase.Stopped, VmCauses.GuestPowerOff)]
    public void QEMU_ends_while_running(ExitKind kind, VmPhase phase, string code)
    {
        Running().Handle(Say.Exited(kind, "last words"));
        Rests(phase, code);
        Does(new VmEffect.CancelDeadlines(), new VmEffect.CleanUp());
        if (kind == ExitKind.Crash) Assert.Contains("last words", _vm.State.Cause!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ExitKind.Crash, VmCauses.QemuCrashed)]
    [InlineData(ExitKind.Panic, VmCauses.GuestPanic)]
    [InlineData(ExitKind.GuestShutdown, VmCauses.GuestPowerOff)]
    public void QEMU_ends_while_starting(ExitKind kind, string code)
    {
        _vm.After(Say.Start(), Say.Prepared(), Say.Launched()).Handle(Say.Exited(kind));
        Rests(VmPhase.Error, code);
    }

    [Fact]
    public void A_second_word_of_the_same_exit_does_not_end_the_next_start()
    {
        Running().After(Say.Restart(), Say.Exited(ExitKind.GuestShutdown));
        Assert.IsType<VmDecision.NoChange>(_vm.Handle(Say.Exited(ExitKind.Crash)));
        Is(VmPhase.Starting);
    }

    [Fact]
    public void QEMU_ends_while_paused()
    {
        Paused().Handle(Say.Exited(ExitKind.Quit));
        Rests(VmPhase.Error, VmCauses.QemuCrashed);
    }

    private VmStory Running() => _vm.After(Say.Start(), Say.Prepared(), Say.Launched(), Say.Ssh(), Say.Scripts());

    private VmStory Paused() => Running().After(Say.Pause(), new VmReports.Paused());

    private void Is(VmPhase phase, VmIntent intent = VmIntent.None) => Assert.Equal((phase, intent), (_vm.State.Phase, _vm.State.Intent));

    private void Rests(VmPhase phase, string code)
    {
        Is(phase);
        Assert.Equal(code, _vm.State.Cause?.Code);
    }

    private void Does(params VmEffect[] effects) => Assert.Equal(effects, _vm.Effects);
}
