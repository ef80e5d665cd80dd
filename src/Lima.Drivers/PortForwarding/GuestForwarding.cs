using System.Collections.Immutable;
using Lima.Drivers.Agent;
using Lima.Drivers.Instances;
using Lima.Drivers.Processes;

namespace Lima.Drivers.PortForwarding;

/// <summary>Makes the forwards of guests; all guests share the knowledge of who has which end of the host.</summary>
public sealed class GuestForwarding(HostEnds ends, ProcessTable processes, TimeProvider time) : IPortForwarding
{
    /// <summary>Ways that begin whole forwards, the best first; they are asked before those that are always there.</summary>
    public ImmutableArray<Func<InstanceDirectory, IForwardOpener>> Openers { get; init; } = [];

    /// <summary>After how long without a datagram the flow of a UDP client is forgotten.</summary>
    public TimeSpan UdpIdle { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What guests may send before it is read.</summary>
    public AgentMemory Memory { get; init; } = new(AgentMemory.DefaultMax);

    internal HostEnds Ends => ends;

    internal ProcessTable Processes => processes;

    internal TimeProvider Time => time;

    /// <inheritdoc/>
    public IGuestPorts Begin(InstanceDirectory directory, bool watch, Action<string> log) =>
        new GuestPorts(directory, watch, this, [.. Openers.Select(make => make(directory))], log);
}
