using System.Collections.Immutable;
using Lima.Domain.Vms.Messages;

namespace Lima.Domain.Vms;

public static partial class VmMachine
{
    /// <summary>What a stored event makes happen. <paramref name="after"/> is the state with the event applied.</summary>
    public static ImmutableArray<VmEffect> EffectsOf(VmState after, VmEvent e) => e switch
    {
        VmEvents.Created c => c.Origin == VmOrigins.Created ? [] : [new VmEffect.VerifyQemu(null)],
        VmEvents.StartRequested s => [new VmEffect.ArmStartDeadline(s.Attempt, s.Deadline), new VmEffect.PrepareBoot(s.Attempt, after.SshPort)],
        VmEvents.BootResumed => [new VmEffect.ArmStartDeadline(after.Attempt, after.StartDeadline), new VmEffect.PrepareBoot(after.Attempt, after.SshPort)],
        VmEvents.BootPrepared p => [new VmEffect.LaunchQemu(after.Attempt, p.SshPort)],
        VmEvents.QemuLaunched l => WatchAnd(after, l.Process, l.At),
        VmEvents.QemuAdopted a => WatchAnd(after, a.Process),
        VmEvents.Started => [new VmEffect.CancelDeadlines(), new VmEffect.OpenSsh(after.SshPort)],
        VmEvents.StopRequested or VmEvents.RestartRequested or VmEvents.DeleteRequested or VmEvents.FactoryResetRequested => Pursue(after, Forced(e)),
        VmEvents.EditRequested or VmEvents.CloneRequested or VmEvents.RenameRequested => Errand(after),
        VmEvents.DiskChangeRequested r => [new VmEffect.ChangeDisk(r.Change)],
        VmEvents.StopEscalated => [new VmEffect.KillQemu()],
        VmEvents.PauseRequested => [new VmEffect.PauseQemu()],
        VmEvents.Paused p => [new VmEffect.CloseSsh(), .. WhenHalted(after, p)],
        VmEvents.ResumeRequested => [new VmEffect.ResumeQemu()],
        VmEvents.Resumed => after.Intent == VmIntent.None ? Connect(after) : Pursue(after, forced: false),
        VmEvents.MountAdded or VmEvents.MountRemoved => [new VmEffect.ChangeMounts()],
        VmEvents.ForwardsChanged => [new VmEffect.ChangeForwards(), .. PendingForwards(after)],
        VmEvents.Degraded => IsAwaiting(after) ? [new VmEffect.WatchReadiness(after.SshPort)] : [],
        // A boot that was not well may be so this time.
        VmEvents.GuestRebooted => after is { Phase: VmPhase.Running, Intent: VmIntent.None, BootTroubles.IsEmpty: false } ? [new VmEffect.WatchReadiness(after.SshPort)] : [],
        VmEvents.Failing => after.Process is null ? [new VmEffect.CancelBoot()] : [new VmEffect.KillQemu()],
        VmEvents.Stopped or VmEvents.Failed => after.Intent == VmIntent.Deleting
            ? [new VmEffect.CancelDeadlines(), new VmEffect.CleanUp(), new VmEffect.RemoveInstance()]
            : [new VmEffect.CancelDeadlines(), new VmEffect.CleanUp(), .. after.Intent == VmIntent.Resetting ? Errand(after) : [], .. PendingDiskChange(after)],
        _ => [],
    };

    /// <summary>
    /// What has to happen after the host came back: replay has done nothing, so whatever the state still wants is begun
    /// (again). Everything else follows from the reports, as in any other hour of the VM's life.
    /// </summary>
    public static ImmutableArray<VmEffect> EffectsAfterRecovery(VmState state) => state.Exists ? [.. Recovered(state), .. PendingForwards(state)] : [];

    private static ImmutableArray<VmEffect> Recovered(VmState state) => state switch
    {
        { Phase: VmPhase.Stopped or VmPhase.Error, Intent: VmIntent.Deleting } => [new VmEffect.RemoveInstance()],
        { Phase: VmPhase.Stopped or VmPhase.Error, Intent: not VmIntent.None } => Errand(state),
        { Phase: VmPhase.Stopped or VmPhase.Error, DiskChange: not null } => PendingDiskChange(state),
        // Found and perhaps never looked at: the host may have ended between storing that and looking.
        { Phase: VmPhase.Stopped, Attempt: 0 } => [new VmEffect.VerifyQemu(null)],
        { Phase: VmPhase.Stopped or VmPhase.Error } => [],
        // The deadline of a start is armed anew by what verifying finds: time without a host does not count.
        _ => [new VmEffect.VerifyQemu(state.Process)],
    };

    /// <summary>QEMU lives and is watched; what else depends on the phase and on what is pending.</summary>
    private static ImmutableArray<VmEffect> WatchAnd(VmState state, ProcessIdentity process, DateTimeOffset? launched = null)
    {
        var watch = new VmEffect.WatchQemu(process);
        if (state.Failing is not null) return [watch, new VmEffect.KillQemu()];
        return (state.Phase, state.Intent) switch
        {
            (VmPhase.Starting, VmIntent.None) =>
                [new VmEffect.ArmStartDeadline(state.Attempt, state.StartDeadline), watch, new VmEffect.WatchReadiness(state.SshPort, launched)],
            (VmPhase.Running, VmIntent.None) => [watch, .. Connect(state), .. PendingDiskChange(state)],
            (_, VmIntent.None) => [watch],
            _ => [watch, .. Pursue(state, forced: state.Intent is VmIntent.Killing or VmIntent.Deleting or VmIntent.Resetting)],
        };
    }

    /// <summary>The next step towards the pending intent, from the phase the VM is in.</summary>
    private static ImmutableArray<VmEffect> Pursue(VmState state, bool forced) => (state.Phase, state.Intent) switch
    {
        (_, VmIntent.None) => [],
        (VmPhase.Stopped or VmPhase.Error, VmIntent.Deleting) => [new VmEffect.RemoveInstance()],
        (VmPhase.Stopped or VmPhase.Error, VmIntent.Resetting) => Errand(state),
        (VmPhase.Stopped or VmPhase.Error, _) or (_, VmIntent.Editing or VmIntent.Cloning or VmIntent.Renaming) => [],
        (VmPhase.Running, VmIntent.Pausing) => [new VmEffect.PauseQemu()],
        (VmPhase.Paused, VmIntent.Resuming) => [new VmEffect.ResumeQemu()],
        (_, VmIntent.Pausing or VmIntent.Resuming) => [],
        // A guest that is not up yet does not hear the power button.
        (VmPhase.Starting, _) when state.Process is null => [new VmEffect.CancelBoot()],
        (VmPhase.Starting, VmIntent.Stopping or VmIntent.Restarting) when !forced && state.RequirementsMet.Contains(Readiness.Ssh) =>
            [new VmEffect.PowerDown(), new VmEffect.ArmStopDeadline(state.Attempt)],
        (VmPhase.Starting, _) => [new VmEffect.KillQemu()],
        (_, VmIntent.Killing or VmIntent.Deleting or VmIntent.Resetting) => [new VmEffect.KillQemu()],
        _ when forced => [new VmEffect.KillQemu()],
        (VmPhase.Paused, VmIntent.Stopping or VmIntent.Restarting) => [new VmEffect.ResumeQemu(), new VmEffect.ArmStopDeadline(state.Attempt)],
        (VmPhase.Running, VmIntent.Stopping or VmIntent.Restarting) => [new VmEffect.PowerDown(), new VmEffect.ArmStopDeadline(state.Attempt)],
        _ => throw Unknown(state),
    };

    /// <summary>A running guest is kept in touch with, and waited for where something of its boot is late.</summary>
    private static ImmutableArray<VmEffect> Connect(VmState state) => IsAwaiting(state)
        ? [new VmEffect.OpenSsh(state.SshPort), new VmEffect.WatchReadiness(state.SshPort)]
        : [new VmEffect.OpenSsh(state.SshPort)];

    /// <summary>A halted guest does not hear the power button. One whose storage failed is not run again behind the user's back.</summary>
    private static ImmutableArray<VmEffect> WhenHalted(VmState state, VmEvents.Paused e) => state.Intent switch
    {
        VmIntent.Resuming => [new VmEffect.ResumeQemu()],
        VmIntent.Stopping or VmIntent.Restarting when e.Cause is null => [new VmEffect.ResumeQemu()],
        _ => [],
    };

    private static bool Forced(VmEvent e) => e switch
    {
        VmEvents.StopRequested s => s.Force,
        VmEvents.RestartRequested r => r.Force,
        VmEvents.DeleteRequested d => d.Force,
        _ => false,
    };
}
