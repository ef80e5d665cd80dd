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
            VmReports.Prepared r => DuringBoot(state, r.Attempt) ? DecidePrepared(state, r, now) : VmDecision.Nothing,
            VmReports.PrepareFailed r => DuringBoot(state, r.Attempt) ? DecideBootFailed(state, r.Cause, now) : VmDecision.Nothing,
            VmReports.Launched r => DuringBoot(state, r.Attempt) ? VmDecision.Of(new VmEvents.QemuLaunched(now, r.Process)) : VmDecision.Nothing,
            VmReports.LaunchFailed r => DuringBoot(state, r.Attempt) ? DecideBootFailed(state, r.Cause, now) : VmDecision.Nothing,
            VmReports.Adopted r => DecideAdopted(state, r, now),
            VmReports.Lost r => DecideLost(state, r, now),
            VmReports.Exited r => IsAlive(state.Phase) ? DecideExited(state, r, now) : VmDecision.Nothing,
            VmReports.Paused => state.Phase == VmPhase.Running ? VmDecision.Of(new VmEvents.Paused(now)) : VmDecision.Nothing,
            VmReports.StorageFailed r => state.Phase == VmPhase.Running
                ? VmDecision.Of(new VmEvents.Paused(now, Causes.Storage(r.Reason))) : VmDecision.Nothing,
            VmReports.Resumed => state.Phase == VmPhase.Paused ? VmDecision.Of(new VmEvents.Resumed(now)) : VmDecision.Nothing,
            // A power-down that QEMU does not hear is ended by its deadline; only these two have nothing else to end them.
            VmReports.Refused r => state.Intent is VmIntent.Pausing or VmIntent.Resuming
                ? VmDecision.Of(new VmEvents.RequestFailed(now, r.Cause)) : VmDecision.Nothing,
            VmReports.GuestRebooted => IsAlive(state.Phase) ? VmDecision.Of(new VmEvents.GuestRebooted(now)) : VmDecision.Nothing,
            VmReports.RequirementMet r => DecideRequirement(state, r, now),
            VmReports.Degraded r => IsAlive(state.Phase) && state.Degradations.GetValueOrDefault(r.Cause.Code) != r.Cause
                ? VmDecision.Of(new VmEvents.Degraded(now, r.Cause)) : VmDecision.Nothing,
            VmReports.Healed r => state.Degradations.ContainsKey(r.Code) ? VmDecision.Of(new VmEvents.Healed(now, r.Code)) : VmDecision.Nothing,
            VmReports.StartDeadlinePassed r => DuringBoot(state, r.Attempt) ? DecideStartDeadline(state, now) : VmDecision.Nothing,
            VmReports.StopDeadlinePassed r => r.Attempt == state.Attempt && state.Intent is VmIntent.Stopping or VmIntent.Restarting && IsAlive(state.Phase)
                ? VmDecision.Of(new VmEvents.StopEscalated(now)) : VmDecision.Nothing,
            VmReports.Removed => state.Intent == VmIntent.Deleting && !IsAlive(state.Phase)
                ? VmDecision.Of(new VmEvents.Deleted(now)) : VmDecision.Nothing,
            VmReports.RemoveFailed r => state.Intent == VmIntent.Deleting
                ? VmDecision.Of(new VmEvents.RequestFailed(now, r.Cause)) : VmDecision.Nothing,
            _ => throw new ArgumentOutOfRangeException(nameof(report), report.GetType().Name, "not a report of this version"),
        };
    }

    private static bool IsAlive(VmPhase phase) => phase is VmPhase.Starting or VmPhase.Running or VmPhase.Paused;

    private static bool DuringBoot(VmState state, int attempt) => state.Phase == VmPhase.Starting && state.Attempt == attempt;

    private static VmDecision DecidePrepared(VmState state, VmReports.Prepared report, DateTimeOffset now) => state.Intent == VmIntent.None
        ? VmDecision.Of(new VmEvents.BootPrepared(now, report.SshPort))
        : WithoutQemu(state, Causes.Cancelled, now);

    private static VmDecision DecideBootFailed(VmState state, VmCause cause, DateTimeOffset now) => state.Intent == VmIntent.None
        ? VmDecision.Of(new VmEvents.Failed(now, cause))
        : WithoutQemu(state, Causes.Cancelled, now);

    /// <summary>QEMU is gone (or never was) while something was pending: the intent says what follows.</summary>
    private static VmDecision WithoutQemu(VmState state, VmCause cause, DateTimeOffset now) => state.Intent == VmIntent.Restarting
        ? VmDecision.Of(new VmEvents.Stopped(now, cause), StartRequested(state, "", state.RestartTimeout, now))
        : VmDecision.Of(new VmEvents.Stopped(now, cause));

    private static VmDecision DecideAdopted(VmState state, VmReports.Adopted report, DateTimeOffset now)
    {
        var adopted = new VmEvents.QemuAdopted(now, report.Process);
        return state.Phase switch
        {
            VmPhase.Running when report.Paused => VmDecision.Of(adopted, new VmEvents.Paused(now)),
            VmPhase.Paused when !report.Paused => VmDecision.Of(adopted, new VmEvents.Resumed(now)),
            VmPhase.Starting or VmPhase.Running or VmPhase.Paused => VmDecision.Of(adopted),
            // The journal knew nothing of a living VM (it was lost and rebuilt): take it up where it is.
            VmPhase.Stopped or VmPhase.Error => VmDecision.Of(
                StartRequested(state, "", TimeSpan.FromMinutes(10), now), adopted,
                report.Paused ? new VmEvents.Paused(now) : new VmEvents.Started(now)),
            _ => throw Unknown(state),
        };
    }

    private static VmDecision DecideLost(VmState state, VmReports.Lost report, DateTimeOffset now) => state.Phase switch
    {
        VmPhase.Stopped or VmPhase.Error => VmDecision.Nothing,
        _ when state.Failing is { } failing => VmDecision.Of(new VmEvents.Failed(now, failing)),
        _ when state.Intent is VmIntent.Stopping or VmIntent.Killing or VmIntent.Deleting or VmIntent.Restarting =>
            WithoutQemu(state, Causes.Requested, now),
        VmPhase.Starting when state.Process is null => VmDecision.Of(new VmEvents.BootResumed(now)),
        VmPhase.Running or VmPhase.Paused when report.Rebooted => VmDecision.Of(new VmEvents.Stopped(now, Causes.Lost(Doing(state), rebooted: true))),
        _ => VmDecision.Of(new VmEvents.Failed(now, Causes.Lost(Doing(state), report.Rebooted))),
    };

    private static VmDecision DecideExited(VmState state, VmReports.Exited report, DateTimeOffset now)
    {
        if (state.Failing is { } failing) return VmDecision.Of(new VmEvents.Failed(now, failing));
        if (state.Intent is VmIntent.Stopping or VmIntent.Killing or VmIntent.Deleting or VmIntent.Restarting)
            return WithoutQemu(state, state.Phase == VmPhase.Starting ? Causes.Cancelled : Causes.Requested, now);
        return (state.Phase, report.Kind) switch
        {
            (VmPhase.Running, ExitKind.GuestShutdown or ExitKind.Quit) => VmDecision.Of(new VmEvents.Stopped(now, Causes.PoweredOff)),
            (VmPhase.Starting, ExitKind.GuestShutdown) => VmDecision.Of(new VmEvents.Failed(now, Causes.PowerOffDuringStart)),
            (_, ExitKind.Panic) => VmDecision.Of(new VmEvents.Failed(now, Causes.Panic(Doing(state)))),
            _ => VmDecision.Of(new VmEvents.Failed(now, Causes.Crash(Doing(state), report.LastLines))),
        };
    }

    private static VmDecision DecideRequirement(VmState state, VmReports.RequirementMet report, DateTimeOffset now)
    {
        if (state.Phase != VmPhase.Starting || state.Process is null || state.RequirementsMet.Contains(report.Requirement)) return VmDecision.Nothing;
        var met = new VmEvents.RequirementMet(now, report.Requirement);
        var complete = Readiness.IsComplete(state.RequirementsMet.Add(report.Requirement));
        // A stop that is pending wins: the VM is not announced as running on its way down.
        return complete && state.Intent == VmIntent.None && state.Failing is null ? VmDecision.Of(met, new VmEvents.Started(now)) : VmDecision.Of(met);
    }

    private static VmDecision DecideStartDeadline(VmState state, DateTimeOffset now)
    {
        if (state.Intent != VmIntent.None || state.Failing is not null) return VmDecision.Nothing;
        var missing = Readiness.Missing(state.RequirementsMet);
        return state.RequirementsMet.Contains(Readiness.Ssh)
            ? VmDecision.Of(new VmEvents.Started(now), new VmEvents.Degraded(now, Causes.LateBootScripts))
            : VmDecision.Of(new VmEvents.Failing(now, Causes.Deadline(string.Join(", ", missing))));
    }

    private static string Doing(VmState state) => state.Phase switch
    {
        VmPhase.Starting => "starting",
        VmPhase.Paused => "paused",
        _ => "running",
    };
}
