using System.Collections.Immutable;
using Lima.Domain.Specs;
using Lima.Drivers.Ssh;

namespace Lima.Drivers.Mounts.Changes;

/// <summary>Tells guests what changes in their mounts on the host (<c>mountInotify</c>).</summary>
public interface IChangeForwarding
{
    /// <summary>
    /// Watches the writable ones of these mounts, and whatever is made in them, and tells the guest over the session. Returns at
    /// once: a large directory takes a while until it is watched.
    /// </summary>
    IChangeForwarder Start(ImmutableArray<MountSpec> mounts, ISshSession session);
}

/// <summary>It goes on until it is disposed; the session stays its owner's.</summary>
public interface IChangeForwarder : IAsyncDisposable
{
    /// <summary>Completes when every mount is watched, or cannot be.</summary>
    Task Watching { get; }

    /// <summary>What is not forwarded, and why, one sentence each; empty when all is well. May grow.</summary>
    ImmutableArray<string> Problems { get; }
}
