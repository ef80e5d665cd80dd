using System.Collections.Concurrent;
using System.Collections.Immutable;
using Lima.Domain.PortForwarding;
using Lima.Domain.Vms;

namespace Lima.Actors.PortForwarding;

/// <summary>One forward as readers see it.</summary>
/// <param name="Forward">What is forwarded.</param>
/// <param name="Path">Which way its connections take; empty when it is not in effect.</param>
/// <param name="Problem">Why it is not in effect, or what is not as it should be; null when all is well.</param>
public sealed record PortForwardStatus(Forward Forward, string Path, VmCause? Problem)
{
    /// <summary>Whether it is in effect.</summary>
    public bool IsForwarding => Path.Length > 0;
}

/// <summary>What happens to forwards, in the words of events.</summary>
public static class PortForwardEvents
{
    /// <summary>It is in effect.</summary>
    public const string Forwarding = "forwarding";
    /// <summary>Something listens that no rule forwards.</summary>
    public const string NotForwarding = "not-forwarding";
    /// <summary>It has ended.</summary>
    public const string Stopped = "stopped";
    /// <summary>It could not be brought into effect; it is tried again.</summary>
    public const string Failed = "failed";
}

/// <summary>Published on the event stream: something has happened to a forward; not stored.</summary>
/// <param name="Id">Identity of the VM.</param>
/// <param name="Name">Its name.</param>
/// <param name="Type">One of <see cref="PortForwardEvents"/>.</param>
/// <param name="Protocol"><c>tcp</c> or <c>udp</c>.</param>
/// <param name="GuestAddress">The end in the guest.</param>
/// <param name="HostAddress">The end at the host; empty when there is none.</param>
/// <param name="Error">Why it failed; empty otherwise.</param>
public sealed record PortForwardNews(VmId Id, string Name, string Type, string Protocol, string GuestAddress, string HostAddress, string Error);

/// <summary>The forwards of all VMs, for readers. Each VM's own actor writes its part.</summary>
public sealed class PortForwardModel
{
    private readonly ConcurrentDictionary<VmId, ImmutableArray<PortForwardStatus>> _forwards = new();

    /// <summary>The forwards of a VM, in their order; none when it does not run.</summary>
    public ImmutableArray<PortForwardStatus> Of(VmId id) => _forwards.TryGetValue(id, out var all) ? all : [];

    internal void Set(VmId id, ImmutableArray<PortForwardStatus> all) => _forwards[id] = all;

    internal void Remove(VmId id) => _forwards.TryRemove(id, out _);
}
