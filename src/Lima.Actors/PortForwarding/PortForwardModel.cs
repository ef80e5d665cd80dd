using System.Collections.Concurrent;
using System.Collections.Immutable;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.PortForwarding;

namespace Lima.Actors.PortForwarding;

/// <summary>One forward as readers see it.</summary>
/// <param name="Forward">What is wanted.</param>
/// <param name="Handle">What is in effect; null when nothing is.</param>
/// <param name="Problem">Why nothing is in effect, or what is not as it should be; null when all is well.</param>
public sealed record PortForwardStatus(Forward Forward, IOpenForward? Handle, VmCause? Problem)
{
    /// <summary>The end at the host that it has.</summary>
    public ForwardEnd Host { get; init; } = Forward.Host;

    /// <summary>The user's rule behind it; null for Lima's own.</summary>
    public PortForwardSpec? Rule { get; init; }

    /// <summary>Where else it is reached although its end of the host is taken; null when it is not.</summary>
    public ForwardEnd? Elsewhere { get; init; }

    /// <summary>Which way its connections take now; empty when it is not in effect.</summary>
    public string Path => Handle?.Path ?? "";

    /// <summary>Whether it is in effect.</summary>
    public bool IsForwarding => Handle is not null;
}

/// <summary>The forwards of one VM as readers see them.</summary>
/// <param name="Forwards">What is forwarded, or should be.</param>
/// <param name="Waiting">The user's rules for which nothing listens.</param>
public sealed record VmForwards(ImmutableArray<PortForwardStatus> Forwards, ImmutableArray<PortForwardSpec> Waiting)
{
    /// <summary>None.</summary>
    public static readonly VmForwards None = new([], []);

    /// <summary>The user's rules that count, in their order.</summary>
    public ImmutableArray<PortForwardSpec> Rules { get; init; } = [];

    /// <summary>Rules that were given live, by which something is not forwarded.</summary>
    public ImmutableArray<PortForwardSpec> Ignored { get; init; } = [];

    /// <summary>How many changes of the rules have been carried out.</summary>
    public int Changes { get; init; }
}

/// <summary>The forwards of all VMs, for readers. Each VM's own actor writes its part.</summary>
public sealed class PortForwardModel
{
    private readonly ConcurrentDictionary<VmId, VmForwards> _forwards = new();

    /// <summary>The forwards of a VM; none when it does not run.</summary>
    public VmForwards Of(VmId id) => _forwards.TryGetValue(id, out var all) ? all : VmForwards.None;

    internal void Set(VmId id, VmForwards all) => _forwards[id] = all;

    internal void Remove(VmId id) => _forwards.TryRemove(id, out _);
}
