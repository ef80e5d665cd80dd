namespace Lima.Templates.Networks;

/// <summary>A network that instances may be attached to by <c>networks: [{lima: NAME}]</c>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Mode">One of <see cref="Modes"/>.</param>
/// <param name="Gateway">IPv4 address of the gateway; null where there is none.</param>
/// <param name="Netmask">IPv4 mask (<c>255.255.255.0</c>); null for the default.</param>
/// <param name="DhcpEnd">Last address given out; null for the default.</param>
/// <param name="Interface">Interface of the host, for <c>bridged</c>; null elsewhere.</param>
public sealed record NetworkDefinition(
    string Name, string Mode, string? Gateway = null, string? Netmask = null, string? DhcpEnd = null, string? Interface = null)
{
    /// <summary>A network of programs of the user's own; needs no privileges.</summary>
    public const string UserV2 = "user-v2";

    /// <summary>Attached to an interface of the host.</summary>
    public const string Bridged = "bridged";

    /// <summary>The modes there are; all but <see cref="UserV2"/> are for macOS.</summary>
    public static IReadOnlyList<string> Modes { get; } = [UserV2, "host", "shared", Bridged];

    /// <summary>Gateway and mask in one (<c>192.168.104.1/24</c>); null where there is no gateway.</summary>
    public string? Cidr => Gateway is null ? null : $"{Gateway}/{Bits(Netmask ?? "255.255.255.0")}";

    private static int Bits(string mask) =>
        System.Net.IPAddress.TryParse(mask, out var address) ? address.GetAddressBytes().Sum(part => int.PopCount(part)) : 24;
}
