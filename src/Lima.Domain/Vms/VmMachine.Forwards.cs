using System.Collections.Immutable;
using Lima.Domain.PortForwarding;
using Lima.Domain.Vms.Messages;

namespace Lima.Domain.Vms;

/// <summary>
/// Rules for forwards that come and go while the machine runs, and end with it. Those that are to stay are written into the configuration,
/// whose text is part of the event, so that it is still written though the host dies.
/// </summary>
public static partial class VmMachine
{
    private static VmDecision DecideChangeForwards(VmState state, VmCommands.ChangeForwards command, DateTimeOffset now)
    {
        if (RefuseForwards(state) is { } refused) return refused;
        if (state.ForwardsToSave is not null) return Refuse("refused", $"forwards of instance `{state.Name}` are being written into its configuration", "try again in a moment");
        if (command.Save is null && !state.Forwards.Changed(command.Change)) return VmDecision.Nothing;
        return state.Forwards.With(command.Change).Count > LiveRules.Max
            ? Refuse("refused", $"instance `{state.Name}` has {LiveRules.Max} rules for forwards that were given while it runs", $"put them into its configuration: `limactl edit {state.Name}`")
            : VmDecision.Of(new VmEvents.ForwardsChanged(now, command.CommandId, command.Change, command.Save));
    }

    private static VmDecision.Reject? RefuseForwards(VmState state) => (state.Phase, state.Intent) switch
    {
        (VmPhase.Starting, VmIntent.None) => null,
        (VmPhase.Running or VmPhase.Paused, VmIntent.None or VmIntent.Pausing or VmIntent.Resuming) => null,
        (VmPhase.Stopped or VmPhase.Error, _) => Refuse(
            "refused", $"instance `{state.Name}` is {state.Phase}: it forwards nothing", "start it first, or add `--save` to have it from its next start on"),
        (VmPhase.Starting or VmPhase.Running or VmPhase.Paused, _) => Refuse(
            "refused", $"instance `{state.Name}` is {state.Phase} and on its way down: its forwards cannot be changed now", "wait until it runs again"),
        _ => throw Unknown(state),
    };

    /// <summary>A configuration that is not written yet; nothing where there is none, or where the instance goes for good.</summary>
    private static ImmutableArray<VmEffect> PendingForwards(VmState state) =>
        state.ForwardsToSave is { } change && state.Intent != VmIntent.Deleting ? [new VmEffect.SaveForwards(change)] : [];
}
