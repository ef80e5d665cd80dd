using System.Collections.Immutable;
using Lima.Domain.Vms.Messages;

namespace Lima.Domain.Vms;

/// <summary>
/// What must hold before a VM is Running. One that lacks something when its time is over is Running all the same, degraded,
/// if it can be reached by SSH; it is watched until the rest holds.
/// </summary>
public static partial class VmMachine
{
    /// <summary>Whether the VM runs although something of its boot is still waited for.</summary>
    internal static bool IsAwaiting(VmState state) => state.Phase == VmPhase.Running && !state.BootTroubles.IsEmpty && !Readiness.IsComplete(state);

    /// <summary>A requirement holds, or never will.</summary>
    private static VmDecision DecideRequirement(VmState state, VmEvent e, DateTimeOffset now)
    {
        var name = e is VmEvents.RequirementMet met ? met.Requirement : ((VmEvents.RequirementFailed)e).Requirement;
        var awaited = state.Phase == VmPhase.Starting ? state.Process is not null : IsAwaiting(state);
        var known = state.RequirementsMet.Contains(name) || (e is VmEvents.RequirementFailed && state.RequirementsFailed.ContainsKey(name));
        if (!awaited || known || !state.Requirements.Any(r => r.Name == name)) return VmDecision.Nothing;
        ImmutableArray<VmEvent> first = [e];
        if (e is VmEvents.RequirementFailed) first = first.Add(new VmEvents.Degraded(now, Causes.Unmet(state.Apply(e), isLate: state.Phase == VmPhase.Running)));
        else first = [e, .. Relief(state.Apply(e), name, now)];
        var after = first.Aggregate(state, (s, next) => s.Apply(next));
        if (!Readiness.IsComplete(after)) return VmDecision.Of(first);
        var well = Troubles(after).Select(code => new VmEvents.Healed(now, code));
        if (state.Phase == VmPhase.Running) return VmDecision.Of([.. first, .. well]);
        // A stop that is pending wins: the VM is not announced as running on its way down.
        return state.Intent == VmIntent.None && state.Failing is null ? VmDecision.Of([.. first, new VmEvents.Started(now), .. well]) : VmDecision.Of(first);
    }

    /// <summary>What was amiss with an earlier boot and is not with this one.</summary>
    private static IEnumerable<string> Troubles(VmState state) => state.BootTroubles.Where(code => !state.Degradations.ContainsKey(code));

    /// <summary>What it means for the marks of the VM that something has come true after all.</summary>
    private static IEnumerable<VmEvent> Relief(VmState after, string name, DateTimeOffset now)
    {
        if (name == Readiness.BootScripts)
        {
            if (after.Degradations.GetValueOrDefault(VmCauses.BootScripts) == Causes.LateBootScripts) yield return new VmEvents.Healed(now, VmCauses.BootScripts);
            yield break;
        }

        if (!after.Degradations.ContainsKey(VmCauses.Requirements)) yield break;
        var isLate = after.Phase == VmPhase.Running;
        var left = Readiness.Unmet(after).Any(r => r.Name != Readiness.BootScripts && (isLate || after.RequirementsFailed.ContainsKey(r.Name)));
        yield return left ? new VmEvents.Degraded(now, Causes.Unmet(after, isLate)) : new VmEvents.Healed(now, VmCauses.Requirements);
    }

    private static VmDecision DecideStartDeadline(VmState state, DateTimeOffset now)
    {
        if (state.Intent != VmIntent.None || state.Failing is not null) return VmDecision.Nothing;
        var missing = Readiness.Missing(state);
        if (!state.RequirementsMet.Contains(Readiness.Ssh))
            return VmDecision.Of(new VmEvents.Failing(now, Causes.Deadline(string.Join(", ", missing.Select(r => r.Name)))));
        ImmutableArray<VmEvent> events = [new VmEvents.Started(now)];
        if (missing.Any(r => r.Name == Readiness.BootScripts) && !state.Degradations.ContainsKey(VmCauses.BootScripts))
            events = events.Add(new VmEvents.Degraded(now, Causes.LateBootScripts));
        if (missing.Any(r => r.Name != Readiness.BootScripts)) events = events.Add(new VmEvents.Degraded(now, Causes.Unmet(state, isLate: true)));
        return VmDecision.Of(events);
    }
}
