using Lima.Domain.Vms.Messages;

namespace Lima.Domain.Vms;

/// <summary>Mounts that come and go while the machine runs. What the configuration says is for the next start.</summary>
public static partial class VmMachine
{
    /// <summary>Most changes that are kept for one life of a machine; each is carried through every later event.</summary>
    public const int MountChangesMax = 64;

    private static VmDecision DecideAddMount(VmState state, VmCommands.AddMount command, DateTimeOffset now)
    {
        if (RefuseMountChange(state, command.MountPoint) is { } refused) return refused;
        return state.MountChanges.GetValueOrDefault(command.MountPoint) is { IsRemoved: false } known
            ? Refuse("refused", $"instance `{state.Name}` has a mount at `{command.MountPoint}` already, of `{known.Location}`", "remove it first, or choose another mount point")
            : VmDecision.Of(new VmEvents.MountAdded(now, command.CommandId, command.Location, command.MountPoint, command.Writable));
    }

    private static VmDecision DecideRemoveMount(VmState state, VmCommands.RemoveMount command, DateTimeOffset now)
    {
        if (RefuseMountChange(state, command.MountPoint) is { } refused) return refused;
        return state.MountChanges.GetValueOrDefault(command.MountPoint) is { IsRemoved: true }
            ? VmDecision.Nothing
            : VmDecision.Of(new VmEvents.MountRemoved(now, command.CommandId, command.MountPoint));
    }

    private static VmDecision.Reject? RefuseMountChange(VmState state, string mountPoint) => (state.Phase, state.Intent) switch
    {
        (VmPhase.Running, VmIntent.None or VmIntent.Pausing or VmIntent.Resuming) =>
            state.MountChanges.Count < MountChangesMax || state.MountChanges.ContainsKey(mountPoint)
                ? null
                : Refuse("refused", $"the mounts of instance `{state.Name}` were changed {MountChangesMax} times since its start", $"put them into its configuration: `limactl edit {state.Name}`"),
        (VmPhase.Running, _) => MountsNotNow(state, "wait until it runs again"),
        (VmPhase.Stopped or VmPhase.Error, _) => MountsNotNow(state, $"change its configuration: `limactl edit {state.Name} --mount=DIRECTORY`"),
        (VmPhase.Starting, _) => MountsNotNow(state, "wait until it runs"),
        (VmPhase.Paused, _) => MountsNotNow(state, $"resume it first: `limactl resume {state.Name}`"),
        _ => throw Unknown(state),
    };

    private static VmDecision.Reject MountsNotNow(VmState state, string hint) =>
        Refuse("refused", $"instance `{state.Name}` is {state.Phase}{(state.Phase == VmPhase.Running ? " and on its way down" : "")}: its mounts cannot be changed now", hint);
}
