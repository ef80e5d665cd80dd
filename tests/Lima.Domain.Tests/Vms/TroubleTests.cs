using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;

namespace Lima.Domain.Tests.Vms;

/// <summary>Deadlines, failures, degradation, and what a host finds when it comes back.</summary>
public sealed class TroubleTests
{
    private readonly VmStory _vm = VmStory.Created();

    [Fact]
    public void Preparing_fails()
    {
        _vm.After(Say.Start()).Handle(new VmReports.PrepareFailed(1, Say.Cause(VmCauses.PrepareFailed)));
        Rests(VmPhase.Error, VmCauses.PrepareFailed);
    }

    [Fact]
    public void Launching_fails()
    {
        _vm.After(Say.Start(), Say.Prepared()).Handle(new VmReports.LaunchFailed(1, Say.Cause(VmCauses.LaunchFailed)));
        Rests(VmPhase.Error, VmCauses.LaunchFailed);
    }

    [Fact]
    public void The_deadline_passes_without_ssh()
    {
        Booting().Handle(new VmReports.StartDeadlinePassed(1));
        Does(new VmEffect.KillQemu());
        Assert.Equal(VmPhase.Starting, _vm.State.Phase);
        _vm.After(Say.Ssh()).Handle(Say.Scripts());
        Assert.Equal(VmPhase.Starting, _vm.State.Phase);
        _vm.Handle(Say.Exited(ExitKind.Crash));
        Rests(VmPhase.Error, VmCauses.StartDeadline);
        Assert.Contains("ssh, boot-scripts", _vm.State.Cause!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_deadline_passes_before_QEMU(bool tooLate)
    {
        _vm.After(Say.Start()).Handle(new VmReports.StartDeadlinePassed(1));
        Does(new VmEffect.CancelBoot());
        _vm.Handle(tooLate ? Say.Prepared() : new VmReports.PrepareFailed(1, Say.Cause("cancelled")));
        Rests(VmPhase.Error, VmCauses.StartDeadline);
        Does(new VmEffect.CancelDeadlines(), new VmEffect.CleanUp());
    }

    [Fact]
    public void The_deadline_passes_while_QEMU_is_being_launched()
    {
        _vm.After(Say.Start(), Say.Prepared(), new VmReports.StartDeadlinePassed(1)).Handle(Say.Launched());
        Does(new VmEffect.WatchQemu(Say.Qemu), new VmEffect.KillQemu());
        _vm.Handle(Say.Exited(ExitKind.Crash));
        Rests(VmPhase.Error, VmCauses.StartDeadline);
    }

    [Fact]
    public void The_deadline_passes_with_ssh_and_the_boot_scripts_finish_later()
    {
        Booting().After(Say.Ssh()).Handle(new VmReports.StartDeadlinePassed(1));
        Assert.Equal(VmPhase.Running, _vm.State.Phase);
        Assert.Equal([VmCauses.BootScripts], _vm.State.Degradations.Keys);
        Does(new VmEffect.CancelDeadlines(), new VmEffect.OpenSsh(Say.Port), new VmEffect.WatchReadiness(Say.Port));
        _vm.After(Say.Pause(), new VmReports.Paused(), Say.Resume()).Handle(new VmReports.Resumed());
        Does(new VmEffect.OpenSsh(Say.Port), new VmEffect.WatchReadiness(Say.Port));
        _vm.Handle(Say.Scripts());
        Assert.Empty(_vm.State.Degradations);
        Assert.True(Readiness.IsComplete(_vm.State));
        Assert.IsType<VmDecision.NoChange>(_vm.Handle(Say.Scripts()));
    }

    [Fact]
    public void Boot_scripts_that_failed_do_not_heal_by_having_finished()
    {
        Running().After(new VmReports.Degraded(Say.Cause(VmCauses.BootScripts))).Handle(Say.Scripts());
        Assert.Equal([VmCauses.BootScripts], _vm.State.Degradations.Keys);
    }

    [Fact]
    public void Late_boot_scripts_are_waited_for_by_the_next_host_too()
    {
        Booting().After(Say.Ssh(), new VmReports.StartDeadlinePassed(1)).Recover();
        _vm.Handle(new VmReports.Adopted(Say.Qemu, Paused: false));
        Does(new VmEffect.WatchQemu(Say.Qemu), new VmEffect.OpenSsh(Say.Port), new VmEffect.WatchReadiness(Say.Port));
    }

    [Fact]
    public void A_deadline_of_an_earlier_start_or_during_a_stop_means_nothing()
    {
        Booting();
        Assert.IsType<VmDecision.NoChange>(_vm.Handle(new VmReports.StartDeadlinePassed(0)));
        _vm.Handle(Say.Stop());
        Assert.IsType<VmDecision.NoChange>(_vm.Handle(new VmReports.StartDeadlinePassed(1)));
    }

    [Fact]
    public void Storage_fails_and_the_user_resumes()
    {
        Running().Handle(new VmReports.StorageFailed("no space left"));
        Rests(VmPhase.Paused, VmCauses.IoError);
        Does(new VmEffect.CloseSsh());
        _vm.Handle(Say.Resume());
        Does(new VmEffect.ResumeQemu());
        _vm.Handle(new VmReports.Resumed());
        Assert.Equal(VmPhase.Running, _vm.State.Phase);
        Assert.Null(_vm.State.Cause);
    }

    [Fact]
    public void Storage_fails_during_a_start()
    {
        Booting().After(Say.Ssh()).Handle(new VmReports.StorageFailed("no space left"));
        Rests(VmPhase.Paused, VmCauses.IoError);
        // It must not be announced as running while its processors are halted.
        Assert.IsType<VmDecision.NoChange>(_vm.Handle(new VmReports.StartDeadlinePassed(1)));
    }

    [Fact]
    public void Degrades_and_heals_by_code()
    {
        Running();
        var down = Say.Cause(VmCauses.SshDown);
        Assert.IsType<VmDecision.Accept>(_vm.Handle(new VmReports.Degraded(down)));
        Assert.IsType<VmDecision.NoChange>(_vm.Handle(new VmReports.Degraded(down)));
        Assert.IsType<VmDecision.Accept>(_vm.Handle(new VmReports.Degraded(down with { Message = "otherwise" })));
        _vm.Handle(new VmReports.Degraded(Say.Cause(VmCauses.QmpMute)));
        Assert.Equal([VmCauses.QmpMute, VmCauses.SshDown], _vm.State.Degradations.Keys);
        _vm.Handle(new VmReports.Healed(VmCauses.SshDown));
        Assert.Equal([VmCauses.QmpMute], _vm.State.Degradations.Keys);
        Assert.IsType<VmDecision.NoChange>(_vm.Handle(new VmReports.Healed(VmCauses.SshDown)));
        Assert.Equal(VmPhase.Running, _vm.State.Phase);
        _vm.Handle(Say.Exited(ExitKind.GuestShutdown));
        Assert.Empty(_vm.State.Degradations);
    }

    [Fact]
    public void Every_place_is_taken_up_by_the_next_host()
    {
        foreach (var (place, state) in VmPlaces.All)
        {
            VmEffect[] expected = state switch
            {
                { Phase: VmPhase.Stopped or VmPhase.Error, Intent: VmIntent.Deleting } => [new VmEffect.RemoveInstance()],
                { Errand: VmErrand.Editing edit } => [new VmEffect.WriteConfiguration(edit.Yaml)],
                { Errand: VmErrand.Cloning clone } => [new VmEffect.CloneInstance(clone.CloneId, clone.CloneName)],
                { Errand: VmErrand.Renaming rename } => [new VmEffect.RenameInstance(rename.NewName)],
                { Phase: VmPhase.Stopped or VmPhase.Error, Intent: VmIntent.Resetting } => [new VmEffect.ResetInstance()],
                { Phase: VmPhase.Stopped } => [new VmEffect.VerifyQemu(null)],
                { Phase: VmPhase.Error } => [],
                _ => [new VmEffect.VerifyQemu(state.Process)],
            };
            Assert.True(expected.SequenceEqual(VmMachine.EffectsAfterRecovery(state)), place);
        }

        Assert.Empty(VmMachine.EffectsAfterRecovery(VmState.Unborn));
        Assert.Empty(VmMachine.EffectsAfterRecovery(Running().After(Say.Stop(), Say.Exited(ExitKind.Quit)).State));
    }

    [Fact]
    public void A_start_goes_on_with_the_next_host_and_has_its_whole_time_again()
    {
        _vm.After(Say.Start()).Recover();
        _vm.Handle(new VmReports.Lost(Rebooted: false));
        Does(new VmEffect.ArmStartDeadline(1, _vm.Now + Say.Timeout), new VmEffect.PrepareBoot(1, 0));
        _vm.After(Say.Prepared()).Recover();
        _vm.Handle(new VmReports.Adopted(Say.Qemu, Paused: false));
        Does(
            new VmEffect.ArmStartDeadline(1, _vm.Now + Say.Timeout), new VmEffect.WatchQemu(Say.Qemu), new VmEffect.WatchReadiness(Say.Port));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_living_VM_that_no_journal_knows_is_taken_up(bool paused)
    {
        var found = new VmStory().After(new VmReports.Registered("dev", VmOrigins.Found));
        Assert.Equal(new VmEffect.VerifyQemu(null), Assert.Single(found.Effects));
        found.Handle(new VmReports.Adopted(Say.Qemu, paused, SshPort: 60123));
        Assert.Equal(paused ? VmPhase.Paused : VmPhase.Running, found.State.Phase);
        Assert.Equal(60123, found.State.SshPort);
        Assert.Equal(Say.Qemu, found.State.Process);
        // Nothing that could touch the files of the living VM.
        List<VmEffect> effects = [new VmEffect.WatchQemu(Say.Qemu), new VmEffect.OpenSsh(60123)];
        if (paused) effects.Add(new VmEffect.CloseSsh());
        Assert.Equal(effects, found.Effects);
    }

    [Fact]
    public void A_directory_without_a_living_VM_is_a_stopped_VM()
    {
        var found = new VmStory().After(new VmReports.Registered("dev", VmOrigins.Found));
        Assert.IsType<VmDecision.NoChange>(found.Handle(new VmReports.Lost(Rebooted: false)));
        Assert.Equal(VmPhase.Stopped, found.State.Phase);
    }

    private VmStory Booting() => _vm.After(Say.Start(), Say.Prepared(), Say.Launched());

    private VmStory Running() => Booting().After(Say.Ssh(), Say.Scripts());

    private void Rests(VmPhase phase, string code) =>
        Assert.Equal((phase, VmIntent.None, code), (_vm.State.Phase, _vm.State.Intent, _vm.State.Cause?.Code));

    private void Does(params VmEffect[] effects) => Assert.Equal(effects, _vm.Effects);
}
