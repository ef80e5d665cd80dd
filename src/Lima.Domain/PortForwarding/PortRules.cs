using System.Collections.Immutable;
using Lima.Domain.Specs;

namespace Lima.Domain.PortForwarding;

/// <summary>
/// The rules of one VM and what they say of a listener. They are the user's, between two of Lima's own: SSH is never
/// forwarded, and what listens on the guest's loopback is, on the same port.
/// </summary>
public sealed class PortRules
{
    internal const int SshPort = 22;

    /// <summary>Lima's own rule at the end of all: what listens on the guest's loopback is on the host's.</summary>
    internal static readonly PortForwardSpec Fallback = new();

    private readonly ImmutableArray<PortForwardSpec> _all;

    /// <summary>Makes the list.</summary>
    /// <param name="rules">The user's rules, in their order.</param>
    /// <param name="sshLocalPort">Port of the host that leads to the guest's SSH server; 0 when there is none.</param>
    public PortRules(ImmutableArray<PortForwardSpec> rules, int sshLocalPort)
    {
        User = rules;
        _all = [Never(SshPort), .. sshLocalPort > 0 ? [Never(sshLocalPort)] : ImmutableArray<PortForwardSpec>.Empty, .. rules, Fallback];
    }

    /// <summary>The user's own.</summary>
    public ImmutableArray<PortForwardSpec> User { get; }

    /// <summary>Where a listener of the guest is to be reached on the host; null when nowhere.</summary>
    public ForwardEnd? HostEnd(GuestListener listener) => RuleOf(listener) is { } rule ? HostEnd(rule, listener.Port) : null;

    /// <summary>The rule by which a listener of the guest is forwarded; null when it is not.</summary>
    public PortForwardSpec? RuleOf(GuestListener listener)
    {
        // What a static rule covers is forwarded already, or meant not to be.
        if (IsStatic(listener.Port)) return null;
        foreach (var rule in _all)
        {
            if (!Matches(rule, listener)) continue;
            if (rule.Ignore && listener.IsOnAllAddresses && !IpText.IsUnspecified(rule.GuestIp)) continue;
            if (rule.Ignore) return null;
            var isMeant = rule.GuestPorts.Count == 1 || !InfrastructurePorts.Contains(listener.Protocol, listener.Port);
            return isMeant ? rule : null;
        }

        return null;
    }

    /// <summary>The host's end of a rule for one of its ports.</summary>
    public static ForwardEnd HostEnd(PortForwardSpec rule, int guestPort) => rule.HostSocket.Length > 0
        ? ForwardEnd.OfSocket(rule.HostSocket)
        : new ForwardEnd(rule.HostIp, guestPort == 0 ? rule.HostPorts.First : guestPort - rule.GuestPorts.First + rule.HostPorts.First);

    /// <summary>Whether a port of the guest is one of a static rule.</summary>
    public bool IsStatic(int guestPort) => User.Any(rule => rule.Static && rule.GuestSocket.Length == 0 && rule.GuestPorts.Contains(guestPort));

    /// <summary>Whether a static rule is overruled for a port by one before it that forbids forwarding.</summary>
    public bool IsForbidden(PortForwardSpec rule, int guestPort)
    {
        var listener = new GuestListener(PortProtocol.Tcp, rule.GuestIp, guestPort);
        return _all.TakeWhile(earlier => !ReferenceEquals(earlier, rule))
            .Any(earlier => earlier.Ignore && Matches(earlier, listener) && !(listener.IsOnAllAddresses && !IpText.IsUnspecified(earlier.GuestIp)));
    }

    /// <summary>Whether the user wants nothing of a protocol forwarded: then it is no news that something is not.</summary>
    public bool IsSilent(PortProtocol protocol) => User
        .TakeWhile(rule => rule.Ignore && rule.GuestSocket.Length == 0 && rule.GuestPorts == new PortRange(1, 65535))
        .Any(rule => rule.Protocol == PortProtocol.Any || rule.Protocol == protocol);

    private static bool Matches(PortForwardSpec rule, GuestListener listener)
    {
        if (rule.GuestSocket.Length > 0) return false;
        if (rule.Protocol != PortProtocol.Any && rule.Protocol != listener.Protocol) return false;
        // Datagrams do not go through a socket file.
        if (rule.HostSocket.Length > 0 && listener.Protocol == PortProtocol.Udp) return false;
        return rule.GuestPorts.Contains(listener.Port) && MatchesAddress(rule, listener);
    }

    private static bool MatchesAddress(PortForwardSpec rule, GuestListener listener) =>
        listener.IsOnAllAddresses
        || listener.Ip == rule.GuestIp
        || (listener.Ip == IpText.Loopback6 && rule.GuestIp == IpText.Loopback)
        || (IpText.IsUnspecified(rule.GuestIp) && !rule.GuestIpMustBeZero);

    private static PortForwardSpec Never(int port) => new()
    {
        GuestIp = IpText.Any, GuestPorts = new PortRange(port, port), HostPorts = new PortRange(port, port), Ignore = true,
    };
}
