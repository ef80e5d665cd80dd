using System.Collections.Immutable;
using Lima.Domain.PortForwarding;

namespace Lima.Drivers.PortForwarding;

/// <summary>Says what listens in one guest.</summary>
public interface IGuestListeners
{
    /// <summary>All that listens, each time it has changed, until cancelled or until the source ends. What comes is what is, never a difference.</summary>
    IAsyncEnumerable<ImmutableArray<GuestListener>> FollowAsync(CancellationToken cancel);
}
