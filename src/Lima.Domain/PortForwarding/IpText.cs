namespace Lima.Domain.PortForwarding;

/// <summary>Addresses as texts in their shortest form.</summary>
public static class IpText
{
    /// <summary>The address of this machine alone.</summary>
    public const string Loopback = "127.0.0.1";

    /// <summary>The same in IPv6.</summary>
    public const string Loopback6 = "::1";

    /// <summary>Every address.</summary>
    public const string Any = "0.0.0.0";

    /// <summary>The same in IPv6.</summary>
    public const string Any6 = "::";

    /// <summary>Whether it stands for every address.</summary>
    public static bool IsUnspecified(string ip) => ip is Any or Any6;

    /// <summary>Whether it is one of IPv6.</summary>
    public static bool IsV6(string ip) => ip.Contains(':');

    /// <summary>What to connect to in order to reach a listener on that address: one on every address is reached on loopback.</summary>
    public static string ToReach(string ip) => ip switch
    {
        Any => Loopback,
        Any6 => Loopback6,
        _ => ip,
    };
}
