namespace Lima.Domain.Specs;

/// <summary>One network besides, or instead of, the hypervisor's own; exactly one of <see cref="Lima"/>, <see cref="Socket"/>, <see cref="VzNat"/> is set.</summary>
public sealed record NetworkSpec
{
    /// <summary>Name of a network of <c>networks.yaml</c> (<c>user-v2</c>), or empty.</summary>
    public string Lima { get; init; } = "";

    /// <summary>Path of a socket that QEMU can speak to, or empty.</summary>
    public string Socket { get; init; } = "";

    /// <summary>Apple's NAT; without effect on Linux.</summary>
    public bool VzNat { get; init; }

    /// <summary>Hardware address of the card, six bytes in hexadecimal with colons.</summary>
    public required string MacAddress { get; init; }

    /// <summary>Name of the card in the guest, at most 15 bytes.</summary>
    public required string Interface { get; init; }

    /// <summary>Weight of the card's routes; the smaller one wins.</summary>
    public uint Metric { get; init; } = 100;
}
