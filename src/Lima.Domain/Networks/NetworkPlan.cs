using System.Numerics;

namespace Lima.Domain.Networks;

/// <summary>The addresses of a network of ours.</summary>
/// <param name="Base">The lowest address, which nobody has.</param>
/// <param name="Bits">How many bits of an address name the network.</param>
/// <param name="Last">The last address that is given out.</param>
public sealed record NetworkPlan(Ipv4 Base, int Bits, Ipv4 Last)
{
    /// <summary>The domain in which the name of an instance alone is enough.</summary>
    public const string SearchDomain = "lima.internal";

    /// <summary>All names that are answered here lie in it.</summary>
    public const string Zone = "internal";

    private const string DefaultMask = "255.255.255.0";

    /// <summary>Hardware address of every gateway, the one that Lima's has.</summary>
    public static Mac GatewayMac => new(0x5a94efe40cdd);

    /// <summary>The address at which DHCP, names and echo are answered: always the second after <see cref="Base"/>, whatever is called the gateway.</summary>
    public Ipv4 Gateway => new(Base.Value + 2);

    /// <summary>The first address that is given out.</summary>
    public Ipv4 First => new(Base.Value + 3);

    /// <summary>The mask as an address.</summary>
    public Ipv4 Mask => new(uint.MaxValue << (32 - Bits));

    /// <summary>To everybody here.</summary>
    public Ipv4 Broadcast => new(Base.Value | ~Mask.Value);

    /// <summary>Makes one of what <c>networks.yaml</c> says.</summary>
    /// <param name="name">Name of the network, for messages.</param>
    /// <param name="gateway">Any address of the network.</param>
    /// <param name="netmask">Its mask; null for /24.</param>
    /// <param name="dhcpEnd">Last address given out; null for the last but one.</param>
    /// <param name="problem">What is wrong; empty when nothing is.</param>
    /// <returns>Null when something is wrong.</returns>
    public static NetworkPlan? Of(string name, string? gateway, string? netmask, string? dhcpEnd, out string problem)
    {
        problem = "";
        if (!Ipv4.TryParse(gateway, out var address)) return Wrong($"network `{name}` needs a gateway, an IPv4 address, got `{gateway}`", out problem);
        if (!Ipv4.TryParse(netmask ?? DefaultMask, out var mask)) return Wrong($"netmask of network `{name}` must be an IPv4 mask, got `{netmask}`", out problem);
        var bits = BitOperations.PopCount(mask.Value);
        if (bits is < 8 or > 29 || mask.Value != uint.MaxValue << (32 - bits))
            return Wrong($"netmask of network `{name}` must be between 255.0.0.0 and 255.255.255.248, got `{mask}`", out problem);
        var plan = new NetworkPlan(new Ipv4(address.Value & mask.Value), bits, default);
        plan = plan with { Last = new Ipv4(plan.Broadcast.Value - 1) };
        if (dhcpEnd is null) return plan;
        if (!Ipv4.TryParse(dhcpEnd, out var last) || last < plan.First || last > plan.Last)
            return Wrong($"dhcpEnd of network `{name}` must be between {plan.First} and {plan.Last}, got `{dhcpEnd}`", out problem);
        return plan with { Last = last };
    }

    /// <summary>Whether an address may be given out.</summary>
    public bool Gives(Ipv4 address) => address >= First && address <= Last;

    private static NetworkPlan? Wrong(string text, out string problem)
    {
        problem = text;
        return null;
    }
}
