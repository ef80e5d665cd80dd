using System.Collections.Immutable;

namespace Lima.Domain.Specs;

/// <summary>The name server that the host is for the guest.</summary>
public sealed record HostResolverSpec
{
    /// <summary>Whether there is one; else the guest gets the servers of <c>dns</c>.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Whether it answers with IPv6 addresses.</summary>
    public bool Ipv6 { get; init; }

    /// <summary>Names of the user's own, each for an address or for another name.</summary>
    public ImmutableDictionary<string, string> Hosts { get; init; } = ImmutableDictionary<string, string>.Empty;
}
