using System.Globalization;
using Lima.Domain.Specs;

namespace Lima.Domain.PortForwarding;

/// <summary>
/// Rules as people write them on a command line: <c>HOST:GUEST</c>, each <c>[IP:]PORT</c>, <c>[IP:]FIRST-LAST</c> or the path of a socket, with
/// <c>/tcp</c> or <c>/udp</c> behind it, then <c>,static=true</c> or <c>,reverse=true</c>. The host's port may be <c>auto</c>.
/// </summary>
public static class PortRuleText
{
    private const string Auto = "auto";

    // As the configuration has it where a socket is in their place.
    private static readonly PortRange AllPorts = new(1, 65535);

    /// <summary>A rule in its shortest form; reading it gives the same rule, but for an <c>ignore</c> and a <c>guestIPMustBeZero</c> that is not the usual one.</summary>
    public static string Of(PortForwardSpec rule) =>
        $"{Short(HostEnd(rule))}:{Short(GuestEnd(rule))}{Suffix(rule.Protocol)}{(rule.Static ? ",static=true" : "")}{(rule.Reverse ? ",reverse=true" : "")}";

    /// <summary>The end in the guest, with its address.</summary>
    public static string GuestEnd(PortForwardSpec rule) => rule.GuestSocket.Length > 0 ? rule.GuestSocket : End(rule.GuestIp, Text(rule.GuestPorts));

    /// <summary>The end at the host, with its address.</summary>
    public static string HostEnd(PortForwardSpec rule) =>
        rule.HostSocket.Length > 0 ? rule.HostSocket : End(rule.HostIp, rule.AnyHostPort ? Auto : Text(rule.HostPorts));

    /// <summary>Reads a rule.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="problem">What is wrong with it; empty when nothing is.</param>
    public static bool TryParse(string text, out PortForwardSpec rule, out string problem)
    {
        rule = new PortForwardSpec();
        var parts = text.Split(',');
        if (parts.Skip(1).FirstOrDefault(option => option is not ("static=true" or "static=false" or "reverse=true" or "reverse=false")) is { } strange)
        {
            problem = $"`{strange}` is neither `static=true` nor `reverse=true`";
            return Wrong(text, ref problem);
        }

        var (ends, protocol) = Protocol(parts[0]);
        if (!TryEnds(ends, out var host, out var guest, out problem)) return Wrong(text, ref problem);
        rule = new PortForwardSpec
        {
            Protocol = protocol,
            HostIp = host.Ip ?? IpText.Loopback, HostPorts = host.IsAuto ? guest.Ports : host.Ports, HostSocket = host.Socket, AnyHostPort = host.IsAuto,
            GuestIp = guest.Ip ?? IpText.Loopback, GuestPorts = guest.Socket.Length > 0 ? AllPorts : guest.Ports, GuestSocket = guest.Socket, GuestIpMustBeZero = guest.Ip == IpText.Any,
            Static = parts.Contains("static=true"), Reverse = parts.Contains("reverse=true"),
        };
        problem = Problem(rule);
        return problem.Length == 0 || Wrong(text, ref problem);
    }

    /// <summary>What a rule may not be; empty when it is well.</summary>
    public static string Problem(PortForwardSpec rule)
    {
        if (rule.Reverse && (rule.GuestSocket.Length == 0 || rule.HostSocket.Length == 0)) return "only a socket can lead to a socket of the host (reverse)";
        if (System.Text.Encoding.UTF8.GetByteCount(rule.HostSocket) > ForwardEnd.SocketBytesMax) return $"the path of a socket has at most {ForwardEnd.SocketBytesMax} bytes";
        var (guest, host) = (rule.GuestSocket.Length > 0 ? 1 : rule.GuestPorts.Count, rule.HostSocket.Length > 0 ? 1 : rule.HostPorts.Count);
        if (guest != host) return "both ends must have the same number of ports; a socket is one";
        if (rule.AnyHostPort && guest != 1) return "`auto` is for a single port";
        if (rule.AnyHostPort && rule.GuestSocket.Length > 0) return "`auto` needs a port in the guest";
        return rule.GuestSocket.Length == 0 && rule.GuestPorts.Contains(PortRules.SshPort) && !rule.Ignore ? "port 22 of the guest is not forwarded: there is a port of the host for SSH" : "";
    }

    private static bool Wrong(string text, ref string problem)
    {
        problem = $"`{text}` is no forward: {problem}";
        return false;
    }

    private static (string Ends, PortProtocol Protocol) Protocol(string text) =>
        text.EndsWith("/tcp", StringComparison.Ordinal) ? (text[..^4], PortProtocol.Tcp)
        : text.EndsWith("/udp", StringComparison.Ordinal) ? (text[..^4], PortProtocol.Udp)
        : (text, PortProtocol.Any);

    private static bool TryEnds(string text, out PortEnd host, out PortEnd guest, out string problem)
    {
        (host, guest) = (PortEnd.None, PortEnd.None);
        if (!PortEnd.TryRead(text, out host, out var rest, out problem)) return false;
        if (rest.Length == 0)
        {
            // 8080 alone is 8080 on both sides.
            guest = host with { Ip = null };
            problem = host.IsAuto || host.Socket.Length > 0 ? "the end in the guest is missing" : "";
            return problem.Length == 0;
        }

        if (!PortEnd.TryRead(rest, out guest, out rest, out problem)) return false;
        problem = rest.Length > 0 ? $"`{rest}` is too much" : guest.IsAuto ? "`auto` is for the host's port" : "";
        return problem.Length == 0;
    }

    private static string Suffix(PortProtocol protocol) => protocol == PortProtocol.Any ? "" : "/" + protocol.ToString().ToLowerInvariant();

    private static string Text(PortRange ports) => ports.Count == 1
        ? ports.First.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{ports.First}-{ports.Last}");

    private static string End(string ip, string ports) => IpText.IsV6(ip) ? $"[{ip}]:{ports}" : $"{ip}:{ports}";

    private static string Short(string end) => end.StartsWith(IpText.Loopback + ":", StringComparison.Ordinal) ? end[(IpText.Loopback.Length + 1)..] : end;
}
