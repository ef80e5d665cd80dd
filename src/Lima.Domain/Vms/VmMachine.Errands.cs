using System.Collections.Immutable;
using Lima.Domain.Vms.Messages;

namespace Lima.Domain.Vms;

/// <summary>
/// Work on the files of an instance: edit, clone, rename, factory reset. All but the last need a VM that is down. While it
/// is under way every command is refused, because each of them would meet files that are half one thing and half another.
/// </summary>
public static partial class VmMachine
{
    /// <summary>Whether an intent is about the instance and its files, and so is not over when QEMU ends.</summary>
    internal static bool OutlivesQemu(VmIntent intent) =>
        intent is VmIntent.Deleting or VmIntent.Editing or VmIntent.Cloning or VmIntent.Renaming or VmIntent.Resetting;

    private static VmDecision? RefuseDuringErrand(VmState state, VmCommand command) => state.Intent switch
    {
        VmIntent.Resetting when command is VmCommands.FactoryReset => VmDecision.Nothing,
        VmIntent.Editing => BeingWorkedOn(state, "edited"),
        VmIntent.Cloning => BeingWorkedOn(state, "cloned"),
        VmIntent.Renaming => BeingWorkedOn(state, "renamed"),
        VmIntent.Resetting => BeingWorkedOn(state, "factory reset"),
        _ => null,
    };

    private static VmDecision.Reject BeingWorkedOn(VmState state, string participle) =>
        Refuse("refused", $"instance `{state.Name}` is being {participle}", "wait until that is done");

    private static VmDecision DecideEdit(VmState state, VmCommands.Edit command, DateTimeOffset now) =>
        IfDown(state, "edit", new VmEvents.EditRequested(now, command.CommandId, command.Yaml));

    private static VmDecision DecideClone(VmState state, VmCommands.Clone command, DateTimeOffset now) => command.CloneName == state.Name
        ? SameName(state)
        : IfDown(state, "clone", new VmEvents.CloneRequested(now, command.CommandId, command.CloneId, command.CloneName));

    private static VmDecision DecideRename(VmState state, VmCommands.Rename command, DateTimeOffset now) => command.NewName == state.Name
        ? SameName(state)
        : IfDown(state, "rename", new VmEvents.RenameRequested(now, command.CommandId, command.NewName));

    private static VmDecision DecideFactoryReset(VmCommands.FactoryReset command, DateTimeOffset now) =>
        VmDecision.Of(new VmEvents.FactoryResetRequested(now, command.CommandId));

    private static VmDecision IfDown(VmState state, string verb, VmEvent accepted) => state.Phase switch
    {
        VmPhase.Stopped or VmPhase.Error => VmDecision.Of(accepted),
        VmPhase.Starting or VmPhase.Running or VmPhase.Paused => Refuse(
            "refused", $"cannot {verb} a running instance: `{state.Name}` is {state.Phase}", $"stop it first: `limactl stop {state.Name}`"),
        _ => throw Unknown(state),
    };

    private static VmDecision.Reject SameName(VmState state) =>
        Refuse("refused", $"new instance name `{state.Name}` must be different from `{state.Name}`", "choose another name");

    private static VmDecision DecideErrandDone(VmState state, VmIntent intent, VmEvent done) =>
        state.Intent == intent ? VmDecision.Of(done) : VmDecision.Nothing;

    private static VmDecision DecideCloned(VmState state, VmReports.Cloned report, DateTimeOffset now) =>
        state.Errand is VmErrand.Cloning clone && clone.CloneId == report.CloneId ? VmDecision.Of(new VmEvents.Cloned(now)) : VmDecision.Nothing;

    /// <summary>A reset while QEMU lives (found alive behind the host's back) was of no use; it is made again once QEMU is gone.</summary>
    private static VmDecision DecideReset(VmState state, DateTimeOffset now) => state.Intent == VmIntent.Resetting && !IsAlive(state.Phase)
        ? VmDecision.Of(new VmEvents.FactoryReset(now))
        : VmDecision.Nothing;

    private static VmDecision DecideErrandFailed(VmState state, VmReports.ErrandFailed report, DateTimeOffset now) =>
        state.Intent == report.Intent && OutlivesQemu(report.Intent) && !(report.Intent == VmIntent.Resetting && IsAlive(state.Phase))
            ? VmDecision.Of(new VmEvents.RequestFailed(now, report.Cause))
            : VmDecision.Nothing;

    /// <summary>What a pending errand needs done; nothing where none is pending.</summary>
    private static ImmutableArray<VmEffect> Errand(VmState state) => state switch
    {
        { Errand: VmErrand.Editing edit } => [new VmEffect.WriteConfiguration(edit.Yaml)],
        { Errand: VmErrand.Cloning clone } => [new VmEffect.CloneInstance(clone.CloneId, clone.CloneName)],
        { Errand: VmErrand.Renaming rename } => [new VmEffect.RenameInstance(rename.NewName)],
        { Intent: VmIntent.Resetting } when !IsAlive(state.Phase) => [new VmEffect.ResetInstance()],
        _ => [],
    };
}
