using System.Collections.Immutable;
using Lima.Drivers.Instances;
using Lima.Drivers.Processes;

namespace Lima.Drivers.PortForwarding;

/// <summary>Makes the forwards of guests; all guests share the knowledge of who has which end of the host.</summary>
public sealed class GuestForwarding(HostEnds ends, ProcessTable processes, TimeProvider time) : IPortForwarding
{
    /// <summary>Ways that begin whole forwards, the best first; they are asked before the paths that are always there.</summary>
    public ImmutableArray<Func<InstanceDirectory, IForwardOpener>> Openers { get; init; } = [];

    /// <inheritdoc/>
    public IGuestPorts Begin(InstanceDirectory directory, bool watch) =>
        new GuestPorts(directory, watch, lines => new ShellListeners(lines), [.. Openers.Select(make => make(directory))], ends, processes, time);
}
