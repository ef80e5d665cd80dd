using System.Collections.Immutable;
using Lima.Domain.Specs;

namespace Lima.Domain.PortForwarding;

/// <summary>What is to be forwarded now.</summary>
/// <param name="Forwards">The forwards, no two on one end of the host; static ones first, those on the VM's own address last.</param>
/// <param name="NotForwarded">Listeners of the guest that no rule forwards, and of which users want to know.</param>
/// <param name="Crowded">Forwards that are left out because another one has their end of the host, and that one.</param>
public sealed record ForwardPlan(
    ImmutableArray<Forward> Forwards, ImmutableArray<GuestListener> NotForwarded, ImmutableArray<(Forward Left, Forward Taker)> Crowded)
{
    /// <summary>Nothing.</summary>
    public static readonly ForwardPlan Empty = new([], [], []);

    /// <summary>The user's rule behind each forward that has one.</summary>
    public ImmutableDictionary<Forward, PortForwardSpec> Rules { get; init; } = ImmutableDictionary<Forward, PortForwardSpec>.Empty;

    /// <summary>The user's rules for which nothing listens now.</summary>
    public ImmutableArray<PortForwardSpec> Waiting { get; init; } = [];

    /// <summary>Makes the plan from the rules and what listens.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="listeners">What listens in the guest, in any order; none in plain mode.</param>
    /// <param name="policy">What else holds; null for nothing.</param>
    public static ForwardPlan Of(PortRules rules, IEnumerable<GuestListener> listeners, PortPolicy? policy = null)
    {
        var draft = new Draft(rules, policy ?? PortPolicy.Plain);
        foreach (var rule in rules.User)
            foreach (var forward in Fixed(rules, rule)) draft.Add(rule, forward);
        foreach (var listener in listeners.Distinct().Order(Stable)) draft.Add(listener);
        return draft.ToPlan();
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

    private sealed class Draft(PortRules rules, PortPolicy policy)
    {
        private readonly Dictionary<(PortProtocol, bool, ForwardEnd), Forward> _chosen = [];
        private readonly ImmutableArray<Forward>.Builder _forwards = ImmutableArray.CreateBuilder<Forward>();
        private readonly ImmutableArray<GuestListener>.Builder _not = ImmutableArray.CreateBuilder<GuestListener>();
        private readonly ImmutableArray<(Forward, Forward)>.Builder _crowded = ImmutableArray.CreateBuilder<(Forward, Forward)>();
        private readonly ImmutableDictionary<Forward, PortForwardSpec>.Builder _rules = ImmutableDictionary.CreateBuilder<Forward, PortForwardSpec>();
        private readonly List<(PortForwardSpec Rule, Forward Forward)> _own = [];

        public void Add(GuestListener listener)
        {
            if (rules.RuleOf(listener) is { } rule)
                Add(rule, new Forward(listener.Protocol, listener.End, PortRules.HostEnd(rule, listener.Port)) { GuestTakesIPv4 = listener.IsOnAllIPv4Addresses });
            // That SSH is not forwarded is no news: the host has its own way to it.
            else if (listener.Port != PortRules.SshPort && !rules.IsSilent(listener.Protocol) && !rules.IsStatic(listener.Port)) _not.Add(listener);
        }

        public void Add(PortForwardSpec rule, Forward forward)
        {
            var added = forward with { AnyHostPort = !forward.Host.IsSocket && !forward.Reverse && (policy.NextFree || rule.AnyHostPort) };
            if (_chosen.TryAdd(added.Key, added)) Take(rule, added);
            // One program that listens on several addresses with one port is reached by the first of them.
            else if (_chosen[added.Key] is var taker && (taker.Guest.IsSocket || taker.Guest.Port != added.Guest.Port)) _crowded.Add((added, taker));
            if (HasOwn(rule, forward)) _own.Add((rule, forward with { Host = new ForwardEnd(policy.OwnAddress, forward.Guest.Port), IsOwn = true }));
        }

        public ForwardPlan ToPlan()
        {
            // Last, so that a rule that names the VM's own address itself comes before.
            foreach (var (rule, own) in _own)
                if (_chosen.TryAdd(own.Key, own)) Take(rule, own);
            var used = _rules.Values.ToHashSet();
            return new ForwardPlan(_forwards.ToImmutable(), _not.ToImmutable(), _crowded.ToImmutable())
            {
                Rules = _rules.ToImmutable(), Waiting = [.. rules.User.Where(rule => !rule.Ignore && !used.Contains(rule)).Distinct()],
            };
        }

        private void Take(PortForwardSpec rule, Forward forward)
        {
            _forwards.Add(forward);
            if (!ReferenceEquals(rule, PortRules.Fallback)) _rules[forward] = rule;
        }

        // Who chose another address, or a file that is closed to others, chose not to be reached here.
        private bool HasOwn(PortForwardSpec rule, Forward forward) =>
            policy.OwnAddress.Length > 0 && !forward.Reverse && !forward.Guest.IsSocket && !forward.Host.IsSocket && rule.HostIp == IpText.Loopback;
    }
}
