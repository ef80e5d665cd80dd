using Lima.Domain.Specs;

namespace Lima.Domain.PortForwarding;

/// <summary>
/// Ports of services that belong to a machine itself: names, leases, clock. A guest's own must not take the place of the
/// host's, so they are forwarded only by a rule that names that one port.
/// </summary>
public static class InfrastructurePorts
{
    /// <summary>Whether the port is such a one.</summary>
    public static bool Contains(PortProtocol protocol, int port) => (protocol, port) switch
    {
        // Domain names and LLMNR use both.
        (_, 53 or 5355) => true,
        // DHCP, NTP, chrony, multicast DNS.
        (PortProtocol.Udp, 67 or 68 or 123 or 323 or 5353) => true,
        _ => false,
    };
}
