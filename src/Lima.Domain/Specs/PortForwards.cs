namespace Lima.Domain.Specs;

/// <summary>What a rule for port forwards is about.</summary>
public enum PortProtocol
{
    /// <summary>TCP and UDP.</summary>
    Any,

    /// <summary>TCP alone.</summary>
    Tcp,

    /// <summary>UDP alone.</summary>
    Udp,
}

/// <summary>Ports from <paramref name="First"/> to <paramref name="Last"/>, both included; 0 to 0 when there is a socket in their place.</summary>
public readonly record struct PortRange(int First, int Last)
{
    /// <summary>How many there are.</summary>
    public int Count => Last - First + 1;

    /// <summary>Whether a port is one of them.</summary>
    public bool Contains(int port) => port >= First && port <= Last;
}

/// <summary>One rule of <c>portForwards</c> with every default filled in; of several, the first that matches decides.</summary>
public sealed record PortForwardSpec
{
    /// <summary>Address that a listener in the guest is bound to, in its shortest form (<c>127.0.0.1</c>, <c>::1</c>).</summary>
    public string GuestIp { get; init; } = "127.0.0.1";

    /// <summary>Whether only listeners on 0.0.0.0 itself match, when <see cref="GuestIp"/> is that.</summary>
    public bool GuestIpMustBeZero { get; init; }

    /// <summary>Ports in the guest.</summary>
    public PortRange GuestPorts { get; init; } = new(1, 65535);

    /// <summary>Socket in the guest, absolute; empty when the rule is about ports.</summary>
    public string GuestSocket { get; init; } = "";

    /// <summary>Address to listen on at the host, in the same form.</summary>
    public string HostIp { get; init; } = "127.0.0.1";

    /// <summary>Ports at the host, as many as <see cref="GuestPorts"/>, in the same order.</summary>
    public PortRange HostPorts { get; init; } = new(1, 65535);

    /// <summary>Socket at the host, absolute; empty when the rule is about ports.</summary>
    public string HostSocket { get; init; } = "";

    /// <summary>Which protocol.</summary>
    public PortProtocol Protocol { get; init; }

    /// <summary>From the host into the guest's side: the guest's socket leads to the host's.</summary>
    public bool Reverse { get; init; }

    /// <summary>What matches is not forwarded.</summary>
    public bool Ignore { get; init; }

    /// <summary>Set up once at the start, whether or not anything listens.</summary>
    public bool Static { get; init; }

    /// <summary>Where the host's port cannot be had, the next free one does as well. Only rules that are given live have it.</summary>
    public bool AnyHostPort { get; init; }
}
