using System.Collections.Immutable;
using Lima.Domain.Mounts;
using Lima.Drivers.Ssh;

namespace Lima.Actors.Mounts;

/// <summary>What a VM tells the keeper of its mounts.</summary>
internal static class MountProtocol
{
    /// <summary>The session with the guest; null while there is none.</summary>
    public sealed record SessionIs(ISshSession? Session);

    /// <summary>All that users have changed since the machine was launched.</summary>
    public sealed record Change(ImmutableArray<MountChange> All);
}
