using System.Collections.Immutable;
using Lima.Domain.Specs;
using Lima.Drivers.Ssh;

namespace Lima.Drivers.Mounts.Changes;

/// <summary>Forwards what the kernel of the host reports, by commands over the session.</summary>
public sealed class ChangeForwarding(TimeProvider time) : IChangeForwarding
{
    /// <inheritdoc/>
    public IChangeForwarder Start(ImmutableArray<MountSpec> mounts, ISshSession session) => new ChangeForwarder(mounts, session, time);
}
