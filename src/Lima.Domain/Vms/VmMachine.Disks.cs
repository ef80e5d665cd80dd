using System.Collections.Immutable;
using Lima.Domain.Vms.Messages;

namespace Lima.Domain.Vms;

/// <summary>
/// Disks that grow, come and go while the machine runs, one change at a time. The configuration is part of the change, so one
/// that is cut short by the end of the machine is still finished: what could not be done now takes effect at the next start.
/// </summary>
public static partial class VmMachine
{
    private static VmDecision DecideChangeDisk(VmState state, VmCommands.ChangeDisk command, DateTimeOffset now) => (state.Phase, state.Intent) switch
    {
        (VmPhase.Running, VmIntent.None) => state.DiskChange is null
            ? VmDecision.Of(new VmEvents.DiskChangeRequested(now, command.CommandId, command.Change))
            : Refuse("refused", $"the disks of instance `{state.Name}` are being changed", "wait until that is done"),
        (VmPhase.Running, _) => DisksNotNow(state, "wait until it runs again"),
        (VmPhase.Starting, _) => DisksNotNow(state, "wait until it runs"),
        (VmPhase.Paused, _) => DisksNotNow(state, $"resume it first: `limactl resume {state.Name}`"),
        (VmPhase.Stopped or VmPhase.Error, _) => DisksNotNow(state, $"change its configuration: `limactl edit {state.Name}`"),
        _ => throw Unknown(state),
    };

    private static VmDecision.Reject DisksNotNow(VmState state, string hint) => Refuse(
        "refused", $"instance `{state.Name}` is {state.Phase}{(state.Intent == VmIntent.None ? "" : $" ({state.Intent.ToString().ToLowerInvariant()})")}: its disks cannot be changed now", hint);

    private static VmDecision DecideDiskChanged(VmState state, VmReports.DiskChanged report, DateTimeOffset now) =>
        state.DiskChange == report.Change ? VmDecision.Of(new VmEvents.DiskChanged(now)) : VmDecision.Nothing;

    private static VmDecision DecideDiskChangeFailed(VmState state, VmReports.DiskChangeFailed report, DateTimeOffset now) =>
        state.DiskChange == report.Change ? VmDecision.Of(new VmEvents.DiskChangeFailed(now, report.Cause)) : VmDecision.Nothing;

    /// <summary>A change that is not finished; nothing where there is none, or where the instance goes for good.</summary>
    private static ImmutableArray<VmEffect> PendingDiskChange(VmState state) =>
        state.DiskChange is { } change && state.Intent != VmIntent.Deleting ? [new VmEffect.ChangeDisk(change)] : [];
}
