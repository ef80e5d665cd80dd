using Lima.Domain.Vms;

namespace Lima.Domain.Disks;

/// <summary>When a guest is asked to give back free space.</summary>
public static class TrimRules
{
    /// <summary>How long it takes until one that could not is asked again.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromHours(6);

    /// <summary>Whether a VM that runs is due: so long after the last time, or after it came up when there was none.</summary>
    /// <param name="state">The VM.</param>
    /// <param name="tried">When it was last asked in vain or not; the lowest value for never.</param>
    /// <param name="now">The time.</param>
    /// <param name="interval">How often; zero for never.</param>
    public static bool IsDue(VmState state, DateTimeOffset tried, DateTimeOffset now, TimeSpan interval) =>
        interval > TimeSpan.Zero
        && state is { Phase: VmPhase.Running, Intent: VmIntent.None, DiskChange: null }
        && now - (state.TrimmedAt ?? state.Since) >= interval
        && now - tried >= (interval < RetryAfter ? interval : RetryAfter);
}
