using System.Collections.Immutable;
using Lima.Domain.Specs;

namespace Lima.Domain.PortForwarding;

/// <summary>Rules for forwards that were given and taken away while a machine runs, for as long as it does.</summary>
/// <param name="Added">Those that were given, the newest first; they come before the configuration's.</param>
/// <param name="Hidden">Those of the configuration that do not count.</param>
public sealed record LiveRules(ImmutableArray<PortForwardSpec> Added, ImmutableArray<PortForwardSpec> Hidden)
{
    /// <summary>Most rules that are kept for one life of a machine; each is carried through every later event.</summary>
    public const int Max = 64;

    /// <summary>None.</summary>
    public static readonly LiveRules None = new([], []);

    /// <summary>How many changes there were in this life of the machine.</summary>
    public int Changes { get; init; }

    /// <summary>How many rules are kept.</summary>
    public int Count => Added.Length + Hidden.Length;

    /// <summary>The rule that ends a forward which no rule of the user has brought about.</summary>
    public static PortForwardSpec Never(Forward forward) => new()
    {
        GuestIp = IpText.Any, GuestPorts = new PortRange(forward.Guest.Port, forward.Guest.Port), HostPorts = new PortRange(forward.Guest.Port, forward.Guest.Port),
        Protocol = forward.Protocol, Ignore = true,
    };

    /// <summary>With a change. Whoever gives a rule for ports that were not to be forwarded wants them forwarded.</summary>
    public LiveRules With(RuleChange change)
    {
        var left = Added.Where(rule => !change.Remove.Contains(rule) && !change.Add.Contains(rule) && !IsLifted(rule, change.Add));
        // Also one that was given live: the configuration may have it too.
        var hidden = Hidden.Where(rule => !change.Add.Contains(rule)).Concat(change.Remove).Distinct();
        return new([.. change.Add.Distinct(), .. left], [.. hidden]) { Changes = Changes + 1 };
    }

    /// <summary>Whether there is anything in a change that is not so already.</summary>
    public bool Changed(RuleChange change)
    {
        var after = With(change);
        return !after.Added.SequenceEqual(Added) || !after.Hidden.SequenceEqual(Hidden);
    }

    /// <summary>The rules that count, in their order.</summary>
    public ImmutableArray<PortForwardSpec> Over(ImmutableArray<PortForwardSpec> configured) => [.. Added, .. configured.Where(rule => !Hidden.Contains(rule))];

    /// <summary>By what it holds.</summary>
    public bool Equals(LiveRules? other) =>
        other is not null && Changes == other.Changes && Added.SequenceEqual(other.Added) && Hidden.SequenceEqual(other.Hidden);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Added.Length, Hidden.Length, Changes);

    private static bool IsLifted(PortForwardSpec rule, ImmutableArray<PortForwardSpec> added) =>
        rule.Ignore && added.Any(a => !a.Ignore && a.GuestSocket.Length == 0 && a.GuestPorts == rule.GuestPorts && (rule.Protocol == a.Protocol || a.Protocol == PortProtocol.Any));
}
