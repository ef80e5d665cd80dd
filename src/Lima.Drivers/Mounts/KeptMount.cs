using Lima.Domain.Mounts;
using Lima.Domain.Specs;
using Lima.Domain.Vms;

namespace Lima.Drivers.Mounts;

/// <summary>A mount after it was last seen to.</summary>
/// <param name="Wanted">What it should be.</param>
/// <param name="Type">The way that it takes, or that was tried last; null when there is none.</param>
/// <param name="Live">What keeps it; null when it is not there.</param>
/// <param name="Problem">Why it is not there; null when it is.</param>
/// <param name="Note">Why it takes another way than the first; empty when it does not.</param>
public sealed record KeptMount(WantedMount Wanted, MountType? Type, ILiveMount? Live, VmCause? Problem = null, string Note = "")
{
    /// <summary>Whether it is there, as far as this side knows.</summary>
    public bool IsUp => Problem is null && Live is { Broken.IsCompleted: false };

    /// <summary>As users see it.</summary>
    public MountStatus Status => new(
        Wanted.Spec, Type, IsUp ? MountCondition.Mounted : MountCondition.Broken, Problem?.Message ?? Note, Wanted.IsAdded);
}
