using System.Collections.Concurrent;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;

namespace Lima.Drivers.PortForwarding;

/// <summary>Which instance has which end of the host, so that a conflict can name the other one.</summary>
public sealed class HostEnds
{
    private readonly ConcurrentDictionary<(PortProtocol Protocol, ForwardEnd End), string> _owners = new();

    internal void Take(PortProtocol protocol, ForwardEnd end, string instance) => _owners[(protocol, end)] = instance;

    internal void Free(PortProtocol protocol, ForwardEnd end) => _owners.TryRemove((protocol, end), out _);

    /// <summary>Who has the end, or one that overlaps with it; null when it is nobody here.</summary>
    public string? OwnerOf(PortProtocol protocol, ForwardEnd end) => _owners
        .Where(o => o.Key.Protocol == protocol && Overlap(o.Key.End, end))
        .Select(o => o.Value)
        .FirstOrDefault();

    private static bool Overlap(ForwardEnd a, ForwardEnd b) => a.IsSocket || b.IsSocket
        ? a == b
        : a.Port == b.Port && (a.Ip == b.Ip || IpText.IsUnspecified(a.Ip) || IpText.IsUnspecified(b.Ip));
}
