using System.Collections.Immutable;
using System.Net;
using Lima.Domain.Specs;
using Lima.Domain.Vms;

namespace Lima.Domain.Names;

/// <summary>What a server knows by itself, and what it does with the rest.</summary>
public sealed record NameTable
{
    /// <summary>Name of the host, as its guests know it.</summary>
    public const string Host = "host." + VmZone.Domain;

    /// <summary>Names of its own, in lower case and without a dot at the end, each with an address or another name.</summary>
    public ImmutableDictionary<string, string> Hosts { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Whether it gives IPv6 addresses.</summary>
    public bool Ipv6 { get; init; }

    /// <summary>Whether names that it does not know are asked for elsewhere; else they are refused.</summary>
    public bool AsksOthers { get; init; }

    /// <summary>The VMs, as whoever asks can reach them.</summary>
    public required IReachableVms Vms { get; init; }

    /// <summary>For the guest of an instance: the user's names, and those of the host and of the guest itself, which win as in Lima.</summary>
    /// <param name="name">The instance.</param>
    /// <param name="resolver">Its <c>hostResolver</c>.</param>
    /// <param name="gateway">The host's address as the guest sees it.</param>
    /// <param name="guest">The guest's own address.</param>
    /// <param name="vms">The other instances, as this one can reach them.</param>
    public static NameTable ForGuest(VmName name, HostResolverSpec resolver, string gateway, string guest, IReachableVms vms)
    {
        var hosts = resolver.Hosts.ToImmutableDictionary(entry => Canonical(entry.Key), entry => entry.Value.Trim())
            .SetItem(Host, gateway)
            .SetItem(Canonical(name.Hostname), guest)
            .SetItem(Canonical($"{name.Hostname}.{VmZone.Outer}"), guest)
            .SetItem(Canonical($"{name}.{VmZone.Domain}"), guest);
        return new NameTable { Hosts = hosts, Ipv6 = resolver.Ipv6, AsksOthers = true, Vms = vms };
    }

    /// <summary>For programs of this machine: the instances alone.</summary>
    public static NameTable ForHost(IReachableVms vms) => new()
    {
        Hosts = ImmutableDictionary<string, string>.Empty.Add(Host, IPAddress.Loopback.ToString()), Ipv6 = true, Vms = vms,
    };

    /// <summary>The form in which names are compared: case does not count, nor does a dot at the end.</summary>
    public static string Canonical(string name) => name.Trim().TrimEnd('.').ToLowerInvariant();
}

/// <summary>The instances and where they can be reached from one place.</summary>
public interface IReachableVms
{
    /// <summary>Names of all instances.</summary>
    IEnumerable<string> Names { get; }

    /// <summary>Where an instance can be reached; null when it cannot.</summary>
    IPAddress? AddressOf(string vm);
}
