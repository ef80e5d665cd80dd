using System.Collections.Immutable;
using Lima.Domain.Vms.Messages;

namespace Lima.Domain.Vms;

public static partial class VmMachine
{
    /// <summary>Decides what a report of the machinery means. Never a rejection: the world is as it is.</summary>
    public static VmDecision Decide(VmState state, VmReport report, DateTimeOffset now)
    {
        if (report is VmReports.Registered registered)
            return state.Name.Length == 0 ? VmDecision.Of(new VmEvents.Created(now, registered.Name, registered.Origin)) : VmDecision.Nothing;
        if (!state.Exists) return VmDecision.Nothing;
        return report switch
        {
            VmReports.Renamed r => r.Name == state.Name ? VmDecision.Nothing : VmDecision.Of(new VmEvents.Renamed(now, r.Name)),
            VmReports.Prepared r => BeforeQemu(state, r.Attempt) ? DecidePrepared(state, r, now) : VmDecision.Nothing,
            VmReports.PrepareFailed r => BeforeQemu(state, r.Attempt) ? DecideBootFailed(state, r.Cause, now) : VmDecision.Nothing,
            VmReports.Launched r => BeforeQemu(state, r.Attempt) ? VmDecision.Of(new VmEvents.QemuLaunched(now, r.Process)) : VmDecision.Nothing,
            VmReports.LaunchFailed r => BeforeQemu(state, r.Attempt) ? DecideBootFailed(state, r.Cause, now) : VmDecision.Nothing,
            VmReports.Adopted r => DecideAdopted(state, r, now),
            VmReports.Lost r => DecideLost(state, r, now),
            VmReports.Exited r => state.Process is not null ? DecideExited(state, r, now) : VmDecision.Nothing,
            VmReports.Paused => CanHalt(state) ? VmDecision.Of(new VmEvents.Paused(now)) : VmDecision.Nothing,
            VmReports.StorageFailed r => CanHalt(state) ? VmDecision.Of(new VmEvents.Paused(now, Causes.Storage(r.Reason))) : VmDecision.Nothing,
            VmReports.Resumed => CanResume(state) ? VmDecision.Of(new VmEvents.Resumed(now)) : VmDecision.Nothing,
            // A power-down that QEMU does not hear is ended by its deadline; only these two have nothing else to end them.
            VmReports.Refused r => state.Intent is VmIntent.Pausing or VmIntent.Resuming
                ? VmDecision.Of(new VmEvents.RequestFailed(now, r.Cause)) : VmDecision.Nothing,
            VmReports.GuestRebooted => IsAlive(state.Phase) ? VmDecision.Of(new VmEvents.GuestRebooted(now)) : VmDecision.Nothing,
            VmReports.RequirementMet r => DecideRequirement(state, new VmEvents.RequirementMet(now, r.Requirement), now),
            VmReports.RequirementFailed r => DecideRequirement(state, new VmEvents.RequirementFailed(now, r.Requirement, r.Reason), now),
            VmReports.BootTimed r => state is { Process: not null, IsTimed: false } && IsAlive(state.Phase)
                ? VmDecision.Of(new VmEvents.BootTimed(now, r.Seconds, r.Phases)) : VmDecision.Nothing,
            VmReports.Degraded r => IsAlive(state.Phase) && state.Degradations.GetValueOrDefault(r.Cause.Code) != r.Cause
                ? VmDecision.Of(new VmEvents.Degraded(now, r.Cause)) : VmDecision.Nothing,
            VmReports.Healed r => state.Degradations.ContainsKey(r.Code) ? VmDecision.Of(new VmEvents.Healed(now, r.Code)) : VmDecision.Nothing,
            VmReports.StartDeadlinePassed r => DuringBoot(state, r.Attempt) ? DecideStartDeadline(state, now) : VmDecision.Nothing,
            VmReports.StopDeadlinePassed r => r.Attempt == state.Attempt && state.Intent is VmIntent.Stopping or VmIntent.Restarting && IsAlive(state.Phase)
                ? VmDecision.Of(new VmEvents.StopEscalated(now)) : VmDecision.Nothing,
            VmReports.ForwardsSaved r => state.ForwardsToSave == r.Change ? VmDecision.Of(new VmEvents.ForwardsSaved(now)) : VmDecision.Nothing,
            VmReports.ForwardsNotSaved r => state.ForwardsToSave == r.Change ? VmDecision.Of(new VmEvents.ForwardsNotSaved(now, r.Cause)) : VmDecision.Nothing,
            VmReports.DiskChanged r => DecideDiskChanged(state, r, now),
            VmReports.DiskChangeFailed r => DecideDiskChangeFailed(state, r, now),
            VmReports.Trimmed r => IsAlive(state.Phase) ? VmDecision.Of(new VmEvents.Trimmed(now, r.Bytes)) : VmDecision.Nothing,
            VmReports.Removed => state.Intent == VmIntent.Deleting && !IsAlive(state.Phase)
                ? VmDecision.Of(new VmEvents.Deleted(now)) : VmDecision.Nothing,
            VmReports.RemoveFailed r => state.Intent == VmIntent.Deleting && !IsAlive(state.Phase)
                ? VmDecision.Of(new VmEvents.RequestFailed(now, r.Cause)) : VmDecision.Nothing,
            VmReports.Edited => DecideErrandDone(state, VmIntent.Editing, new VmEvents.Edited(now)),
            VmReports.Cloned r => DecideCloned(state, r, now),
            VmReports.FactoryReset => DecideReset(state, now),
            VmReports.ErrandFailed r => DecideErrandFailed(state, r, now),
            _ => throw new ArgumentOutOfRangeException(nameof(report), report.GetType().Name, "not a report of this version"),
        };
    }

    private static bool IsAlive(VmPhase phase) => phase is VmPhase.Starting or VmPhase.Running or VmPhase.Paused;

    private static bool DuringBoot(VmState state, int attempt) => state.Phase == VmPhase.Starting && state.Attempt == attempt;

    private static bool BeforeQemu(VmState state, int attempt) => DuringBoot(state, attempt) && state.Process is null;

    private static bool IsGoingDown(VmIntent intent) =>
        intent is VmIntent.Stopping or VmIntent.Killing or VmIntent.Deleting or VmIntent.Restarting or VmIntent.Resetting;

    /// <summary>QEMU may halt a guest in any hour of its life; a pause of a paused VM matters only if it was asked for again.</summary>
    private static bool CanHalt(VmState state) => state.Phase switch
    {
        VmPhase.Running => true,
        VmPhase.Starting => state.Process is not null && state.Failing is null,
        VmPhase.Paused => state.Intent == VmIntent.Pausing,
        _ => false,
    };

    private static bool CanResume(VmState state) =>
        state.Phase == VmPhase.Paused || (state.Phase == VmPhase.Running && state.Intent == VmIntent.Resuming);

    private static VmDecision DecidePrepared(VmState state, VmReports.Prepared report, DateTimeOffset now) =>
        state.Intent == VmIntent.None && state.Failing is null
            ? VmDecision.Of(new VmEvents.BootPrepared(now, report.SshPort, report.Requirements))
            : DecideBootFailed(state, Causes.Cancelled, now);

    private static VmDecision DecideBootFailed(VmState state, VmCause cause, DateTimeOffset now) => state.Intent == VmIntent.None
        ? VmDecision.Of(new VmEvents.Failed(now, state.Failing ?? cause))
        : WithoutQemu(state, Causes.Cancelled, now);

    /// <summary>QEMU is gone (or never was) while something was pending: the intent says what follows.</summary>
    private static VmDecision WithoutQemu(VmState state, VmCause cause, DateTimeOffset now) => state.Intent == VmIntent.Restarting
        ? VmDecision.Of(new VmEvents.Stopped(now, cause), StartRequested(state, "", state.RestartTimeout, now))
        : VmDecision.Of(new VmEvents.Stopped(now, cause));

    private static VmDecision DecideAdopted(VmState state, VmReports.Adopted report, DateTimeOffset now)
    {
        var adopted = new VmEvents.QemuAdopted(now, report.Process, report.SshPort);
        var known = state.Apply(adopted);
        // Nobody works on the files of a VM that turns out to live.
        ImmutableArray<VmEvent> first = state.Errand is null ? [adopted] : [adopted, new VmEvents.RequestFailed(now, Causes.FoundAlive(state.Intent))];
        if (report.Paused && CanHalt(known)) return VmDecision.Of([.. first, new VmEvents.Paused(now)]);
        return !report.Paused && CanResume(known) ? VmDecision.Of([.. first, new VmEvents.Resumed(now)]) : VmDecision.Of(first);
    }

    private static VmDecision DecideLost(VmState state, VmReports.Lost report, DateTimeOffset now) => state.Phase switch
    {
        VmPhase.Stopped or VmPhase.Error => VmDecision.Nothing,
        _ when IsGoingDown(state.Intent) => WithoutQemu(state, Causes.Requested, now),
        _ when state.Failing is { } failing => VmDecision.Of(new VmEvents.Failed(now, failing)),
        VmPhase.Starting when state.Process is null => VmDecision.Of(new VmEvents.BootResumed(now)),
        VmPhase.Running or VmPhase.Paused when report.Rebooted => VmDecision.Of(new VmEvents.Stopped(now, Causes.Lost(Doing(state), rebooted: true))),
        _ => VmDecision.Of(new VmEvents.Failed(now, Causes.Lost(Doing(state), report.Rebooted))),
    };

    private static VmDecision DecideExited(VmState state, VmReports.Exited report, DateTimeOffset now)
    {
        // What the user asked for last goes before what went wrong earlier: a restart asked for while a start fails is made.
        if (IsGoingDown(state.Intent)) return WithoutQemu(state, state.Phase == VmPhase.Starting ? Causes.Cancelled : Causes.Requested, now);
        if (state.Failing is { } failing) return VmDecision.Of(new VmEvents.Failed(now, failing));
        return (state.Phase, report.Kind) switch
        {
            (VmPhase.Running, ExitKind.GuestShutdown or ExitKind.Quit) => VmDecision.Of(new VmEvents.Stopped(now, Causes.PoweredOff)),
            (VmPhase.Starting, ExitKind.GuestShutdown) => VmDecision.Of(new VmEvents.Failed(now, Causes.PowerOffDuringStart)),
            (_, ExitKind.Panic) => VmDecision.Of(new VmEvents.Failed(now, Causes.Panic(Doing(state)))),
            _ => VmDecision.Of(new VmEvents.Failed(now, Causes.Crash(Doing(state), report.LastLines))),
        };
    }

    private static string Doing(VmState state) => state.Phase switch
    {
        VmPhase.Starting => "starting",
        VmPhase.Paused => "paused",
        _ => "running",
    };
}
