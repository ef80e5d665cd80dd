namespace Lima.Contracts;

/// <summary>A network of the mode <c>user-v2</c>, as the host keeps it.</summary>
public sealed record NetworkView
{
    /// <summary>Its name in <c>networks.yaml</c>.</summary>
    public required string Name { get; init; }
    /// <summary>Address at which DHCP and names are answered.</summary>
    public string? Gateway { get; init; }
    /// <summary>Instances whose configuration names it, whether they run or not.</summary>
    public IReadOnlyList<string> Users { get; init; } = [];
    /// <summary>Cards that are attached to it now.</summary>
    public IReadOnlyList<NetworkMemberView> Members { get; init; } = [];
}

/// <summary>A card on a network.</summary>
/// <param name="Instance">Whose it is.</param>
/// <param name="MacAddress">Its hardware address.</param>
/// <param name="Address">Its address there.</param>
public sealed record NetworkMemberView(string Instance, string MacAddress, string Address);

/// <summary>Answer to <c>GET /v1/networks</c>.</summary>
/// <param name="Networks">Those that are defined, named by an instance, or up; sorted by name.</param>
public sealed record NetworkList(IReadOnlyList<NetworkView> Networks);

/// <summary>A card that an instance has besides its first. Names and meanings of all but the last are Lima's.</summary>
public sealed record NetworkCardView
{
    /// <summary>The network of <c>networks.yaml</c>; null for another kind.</summary>
    public string? Lima { get; init; }
    /// <summary>Socket of a daemon; null for another kind.</summary>
    public string? Socket { get; init; }
    /// <summary>Apple's NAT, which means nothing on this system; null elsewhere.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("vzNAT")]
    public bool? VzNat { get; init; }
    /// <summary>Hardware address.</summary>
    public string MacAddress { get; init; } = "";
    /// <summary>Name in the guest.</summary>
    public string Interface { get; init; } = "";
    /// <summary>Weight of its routes.</summary>
    public uint Metric { get; init; }
    /// <summary>Its address, while the instance runs; null where the host does not give it.</summary>
    public string? Address { get; init; }
}
