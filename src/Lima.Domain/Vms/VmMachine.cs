using Lima.Domain.Vms.Messages;

namespace Lima.Domain.Vms;

/// <summary>
/// The rules of a VM's life: what a command or a report means in the state the VM is in. Pure; the clock comes in as
/// <c>now</c>. What a stored event makes happen is in <see cref="EffectsOf"/>; the table is in <c>docs/vm-states.md</c>.
/// </summary>
public static partial class VmMachine
{
    /// <summary>Decides a user's command. Every phase answers every command.</summary>
    public static VmDecision Decide(VmState state, VmCommand command, DateTimeOffset now)
    {
        if (!state.Exists) return Refuse("not-found", "the instance does not exist", "see `limactl list`");
        if (command.CommandId.Length > 0 && state.Commands.Contains(command.CommandId)) return VmDecision.Nothing;
        if (state.Intent == VmIntent.Deleting && command is not VmCommands.Delete)
            return Refuse("refused", $"instance `{state.Name}` is being deleted", "wait until it is gone");
        if (RefuseDuringErrand(state, command) is { } answer) return answer;
        return command switch
        {
            VmCommands.Start c => DecideStart(state, c.CommandId, c.Timeout, now),
            VmCommands.Stop c => DecideStop(state, c, now),
            VmCommands.Restart c => DecideRestart(state, c, now),
            VmCommands.Pause c => DecidePause(state, c, now),
            VmCommands.Resume c => DecideResume(state, c, now),
            VmCommands.Delete c => DecideDelete(state, c, now),
            VmCommands.Edit c => DecideEdit(state, c, now),
            VmCommands.Clone c => DecideClone(state, c, now),
            VmCommands.Rename c => DecideRename(state, c, now),
            VmCommands.FactoryReset c => DecideFactoryReset(c, now),
            VmCommands.AddMount c => DecideAddMount(state, c, now),
            VmCommands.RemoveMount c => DecideRemoveMount(state, c, now),
            VmCommands.ChangeForwards c => DecideChangeForwards(state, c, now),
            VmCommands.ChangeDisk c => DecideChangeDisk(state, c, now),
            _ => throw new ArgumentOutOfRangeException(nameof(command), command.GetType().Name, "not a command of this version"),
        };
    }

    private static VmDecision DecideStart(VmState state, string commandId, TimeSpan timeout, DateTimeOffset now) => (state.Phase, state.Intent) switch
    {
        (VmPhase.Stopped or VmPhase.Error, _) => VmDecision.Of(StartRequested(state, commandId, timeout, now)),
        // Someone wants it up while it is going down: both wishes are met, in their order.
        (VmPhase.Starting or VmPhase.Running or VmPhase.Paused, VmIntent.Stopping or VmIntent.Killing) =>
            VmDecision.Of(new VmEvents.RestartRequested(now, commandId, state.Intent == VmIntent.Killing, timeout)),
        (VmPhase.Starting or VmPhase.Running, _) => VmDecision.Nothing,
        (VmPhase.Paused, VmIntent.Resuming or VmIntent.Restarting) => VmDecision.Nothing,
        (VmPhase.Paused, _) => VmDecision.Of(new VmEvents.ResumeRequested(now, commandId)),
        _ => throw Unknown(state),
    };

    private static VmDecision DecideStop(VmState state, VmCommands.Stop command, DateTimeOffset now)
    {
        switch (state.Phase)
        {
            case VmPhase.Stopped:
                return VmDecision.Nothing;
            case VmPhase.Error:
                return VmDecision.Of(
                    new VmEvents.StopRequested(now, command.CommandId, command.Force),
                    new VmEvents.Stopped(now, Causes.Requested));
            case VmPhase.Starting or VmPhase.Running or VmPhase.Paused:
                var already = state.Intent == VmIntent.Killing || (state.Intent == VmIntent.Stopping && !command.Force);
                return already ? VmDecision.Nothing : VmDecision.Of(new VmEvents.StopRequested(now, command.CommandId, command.Force));
            default:
                throw Unknown(state);
        }
    }

    private static VmDecision DecideRestart(VmState state, VmCommands.Restart command, DateTimeOffset now) => state.Phase switch
    {
        VmPhase.Stopped or VmPhase.Error => VmDecision.Of(StartRequested(state, command.CommandId, command.Timeout, now)),
        VmPhase.Starting or VmPhase.Running or VmPhase.Paused =>
            VmDecision.Of(new VmEvents.RestartRequested(now, command.CommandId, command.Force, command.Timeout)),
        _ => throw Unknown(state),
    };

    private static VmDecision DecidePause(VmState state, VmCommands.Pause command, DateTimeOffset now) => (state.Phase, state.Intent) switch
    {
        (VmPhase.Stopped, _) => NotNow(state, "paused", $"start it first: `limactl start {state.Name}`"),
        (VmPhase.Starting, _) => NotNow(state, "paused", "wait until it runs"),
        (VmPhase.Error, _) => NotNow(state, "paused", $"start it first: `limactl start {state.Name}`"),
        (VmPhase.Running, VmIntent.None or VmIntent.Resuming) => VmDecision.Of(new VmEvents.PauseRequested(now, command.CommandId)),
        (VmPhase.Running, VmIntent.Pausing) => VmDecision.Nothing,
        (VmPhase.Running, _) => NotNow(state, "paused", "it is on its way down"),
        (VmPhase.Paused, VmIntent.None or VmIntent.Pausing) => VmDecision.Nothing,
        (VmPhase.Paused, VmIntent.Resuming) => VmDecision.Of(new VmEvents.PauseRequested(now, command.CommandId)),
        (VmPhase.Paused, _) => NotNow(state, "paused", "it is on its way down"),
        _ => throw Unknown(state),
    };

    private static VmDecision DecideResume(VmState state, VmCommands.Resume command, DateTimeOffset now) => (state.Phase, state.Intent) switch
    {
        (VmPhase.Stopped, _) => NotNow(state, "resumed", $"start it: `limactl start {state.Name}`"),
        (VmPhase.Starting, _) => NotNow(state, "resumed", "it is not paused"),
        (VmPhase.Error, _) => NotNow(state, "resumed", $"start it: `limactl start {state.Name}`"),
        (VmPhase.Running, VmIntent.Pausing) => VmDecision.Of(new VmEvents.ResumeRequested(now, command.CommandId)),
        (VmPhase.Running, _) => VmDecision.Nothing,
        (VmPhase.Paused, VmIntent.None or VmIntent.Pausing) => VmDecision.Of(new VmEvents.ResumeRequested(now, command.CommandId)),
        (VmPhase.Paused, _) => VmDecision.Nothing,
        _ => throw Unknown(state),
    };

    private static VmDecision DecideDelete(VmState state, VmCommands.Delete command, DateTimeOffset now)
    {
        if (state.Intent == VmIntent.Deleting) return VmDecision.Nothing;
        return state.Phase switch
        {
            VmPhase.Stopped or VmPhase.Error => VmDecision.Of(new VmEvents.DeleteRequested(now, command.CommandId, command.Force)),
            VmPhase.Starting or VmPhase.Running or VmPhase.Paused when command.Force =>
                VmDecision.Of(new VmEvents.DeleteRequested(now, command.CommandId, Force: true)),
            VmPhase.Starting or VmPhase.Running or VmPhase.Paused =>
                NotNow(state, "deleted", $"stop it first: `limactl stop {state.Name}`, or delete it with `--force`"),
            _ => throw Unknown(state),
        };
    }

    private static VmEvents.StartRequested StartRequested(VmState state, string commandId, TimeSpan timeout, DateTimeOffset now) =>
        new(now, commandId, state.Attempt + 1, Deadline(now, timeout));

    /// <summary>A time that no calendar has is as good as never; one that is over is over now.</summary>
    private static DateTimeOffset Deadline(DateTimeOffset now, TimeSpan timeout)
    {
        if (timeout <= TimeSpan.Zero) return now;
        return timeout < DateTimeOffset.MaxValue - now ? now + timeout : DateTimeOffset.MaxValue;
    }

    private static VmDecision.Reject NotNow(VmState state, string participle, string hint) =>
        Refuse("refused", $"instance `{state.Name}` is {state.Phase} and cannot be {participle}", hint);

    private static VmDecision.Reject Refuse(string code, string message, string hint) => new(new VmError(code, message, hint));

    private static InvalidOperationException Unknown(VmState state) => new($"no rule for {state.Phase} with {state.Intent}");
}
