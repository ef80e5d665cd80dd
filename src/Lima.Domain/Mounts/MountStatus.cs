using Lima.Domain.Specs;

namespace Lima.Domain.Mounts;

/// <summary>How a mount is.</summary>
public enum MountCondition
{
    /// <summary>It has not been looked at yet, or there is no session to look with.</summary>
    Waiting,

    /// <summary>The guest has it.</summary>
    Mounted,

    /// <summary>The guest does not have it; it is tried again.</summary>
    Broken,
}

/// <summary>A mount as users see it.</summary>
/// <param name="Spec">From where to where.</param>
/// <param name="Type">The way it takes; null while that is not known.</param>
/// <param name="Condition">How it is.</param>
/// <param name="Note">Why it is broken, or why it takes another way than one might expect; empty when there is nothing to say.</param>
/// <param name="IsAdded">A user added it to the running machine.</param>
public sealed record MountStatus(MountSpec Spec, MountType? Type, MountCondition Condition, string Note = "", bool IsAdded = false);
