using System.Collections.Immutable;
using Lima.Domain.Specs;

namespace Lima.Domain.PortForwarding;

/// <summary>What is to be forwarded now.</summary>
/// <param name="Forwards">The forwards, no two on one end of the host; static ones first.</param>
/// <param name="NotForwarded">Listeners of the guest that no rule forwards, and of which users want to know.</param>
/// <param name="Crowded">Forwards that are left out because another one has their end of the host, and that one.</param>
public sealed record ForwardPlan(
    ImmutableArray<Forward> Forwards, ImmutableArray<GuestListener> NotForwarded, ImmutableArray<(Forward Left, Forward Taker)> Crowded)
{
    /// <summary>Makes the plan from the rules and what listens.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="listeners">What listens in the guest, in any order; none in plain mode.</param>
    public static ForwardPlan Of(PortRules rules, IEnumerable<GuestListener> listeners)
    {
        var chosen = new Dictionary<(PortProtocol, bool, ForwardEnd), Forward>();
        var forwards = ImmutableArray.CreateBuilder<Forward>();
        var not = ImmutableArray.CreateBuilder<GuestListener>();
        var crowded = ImmutableArray.CreateBuilder<(Forward, Forward)>();
        foreach (var forward in rules.User.SelectMany(rule => Fixed(rules, rule))) Add(forward);
        foreach (var listener in listeners.Distinct().Order(Stable))
        {
            if (rules.HostEnd(listener) is { } host) Add(new Forward(listener.Protocol, listener.End, host));
            // That SSH is not forwarded is no news: the host has its own way to it.
            else if (listener.Port != PortRules.SshPort && !rules.IsSilent(listener.Protocol) && !rules.IsStatic(listener.Port)) not.Add(listener);
        }

        return new ForwardPlan(forwards.ToImmutable(), not.ToImmutable(), crowded.ToImmutable());

        void Add(Forward forward)
        {
            if (chosen.TryAdd(forward.Key, forward)) forwards.Add(forward);
            // One program that listens on several addresses with one port is reached by the first of them.
            else if (chosen[forward.Key] is var taker && (taker.Guest.IsSocket || taker.Guest.Port != forward.Guest.Port)) crowded.Add((forward, taker));
        }
    }

    /// <summary>All addresses before single ones, IPv4 before IPv6: what is reached does not depend on the order of reports.</summary>
    private static readonly Comparer<GuestListener> Stable = Comparer<GuestListener>.Create((a, b) =>
        (a.Protocol, a.Port, !a.IsOnAllAddresses, IpText.IsV6(a.Ip)).CompareTo((b.Protocol, b.Port, !b.IsOnAllAddresses, IpText.IsV6(b.Ip))) is var order and not 0
            ? order
            : string.CompareOrdinal(a.Ip, b.Ip));

    /// <summary>The forwards of a rule that do not wait for a listener.</summary>
    private static IEnumerable<Forward> Fixed(PortRules rules, PortForwardSpec rule)
    {
        if (rule.Ignore) yield break;
        if (rule.GuestSocket.Length > 0)
        {
            yield return new Forward(PortProtocol.Tcp, ForwardEnd.OfSocket(rule.GuestSocket), PortRules.HostEnd(rule, guestPort: 0))
            {
                Reverse = rule.Reverse, Static = true,
            };
            yield break;
        }

        if (!rule.Static || rule.Protocol == PortProtocol.Udp) yield break;
        for (var port = rule.GuestPorts.First; port <= rule.GuestPorts.Last; port++)
        {
            if (rules.IsForbidden(rule, port)) continue;
            yield return new Forward(PortProtocol.Tcp, new ForwardEnd(rule.GuestIp, port), PortRules.HostEnd(rule, port)) { Static = true };
        }
    }
}
