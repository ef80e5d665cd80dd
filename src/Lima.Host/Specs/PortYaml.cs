using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;
using Lima.Templates.Yq;

namespace Lima.Host.Specs;

/// <summary>What a configuration says of forwards, changed in its text; comments and order stay.</summary>
internal static class PortYaml
{
    /// <summary>Rules that are looked at, from the first; there are never so many.</summary>
    private const int RulesMax = 1000;

    /// <summary>With rules before all others, since the first that matches decides.</summary>
    /// <exception cref="FormatException">The text cannot be changed.</exception>
    public static string With(string text, IEnumerable<PortForwardSpec> rules, string source) =>
        Apply($".portForwards = [{string.Join(", ", rules.Select(rule => Entry(rule).ToJsonString()))}] + (.portForwards // [])", text, source);

    /// <summary>
    /// Without a rule, however it is written: the entry is the one without which the configuration says what it said but for that rule. Null when
    /// there is none.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="read">What a text says of forwards; null where it cannot be used.</param>
    /// <param name="source">For messages.</param>
    /// <exception cref="FormatException">The text cannot be changed.</exception>
    public static string? Without(string text, PortForwardSpec rule, Func<string, ImmutableArray<PortForwardSpec>?> read, string source)
    {
        if (read(text) is not { } before || !before.Contains(rule)) return null;
        for (var i = 0; i < RulesMax; i++)
        {
            var shorter = Apply($"del(.portForwards[{i}])", text, source);
            if (shorter == text) return null;
            if (read(shorter) is { } after && IsWithout(before, after, rule)) return shorter;
        }

        return null;
    }

    private static bool IsWithout(ImmutableArray<PortForwardSpec> before, ImmutableArray<PortForwardSpec> after, PortForwardSpec rule) =>
        after.Length == before.Length - 1 && after.Count(r => r == rule) == before.Count(r => r == rule) - 1
        && after.Where(r => r != rule).SequenceEqual(before.Where(r => r != rule));

    private static JsonObject Entry(PortForwardSpec rule)
    {
        var entry = new JsonObject();
        if (rule.GuestIp != IpText.Loopback) entry["guestIP"] = rule.GuestIp;
        if (rule.GuestIp == IpText.Any && !rule.GuestIpMustBeZero) entry["guestIPMustBeZero"] = false;
        if (rule.GuestSocket.Length > 0) entry["guestSocket"] = rule.GuestSocket;
        else Ports(entry, "guestPort", rule.GuestPorts);
        if (rule.HostIp != IpText.Loopback) entry["hostIP"] = rule.HostIp;
        if (rule.HostSocket.Length > 0) entry["hostSocket"] = rule.HostSocket;
        else if (!rule.Ignore) Ports(entry, "hostPort", rule.HostPorts);
        if (rule.Protocol != PortProtocol.Any) entry["proto"] = rule.Protocol.ToString().ToLowerInvariant();
        if (rule.Static) entry["static"] = true;
        if (rule.Reverse) entry["reverse"] = true;
        if (rule.Ignore) entry["ignore"] = true;
        return entry;
    }

    private static void Ports(JsonObject entry, string key, PortRange ports)
    {
        if (ports.Count == 1) entry[key] = ports.First;
        else entry[key + "Range"] = new JsonArray(ports.First, ports.Last);
    }

    private static string Apply(string expression, string text, string source) =>
        YqText.Apply([expression], text, source, YqSecurity.Restricted, out var changed, out var problem) ? changed : throw new FormatException(problem);
}
