using System.Collections.Immutable;

namespace Lima.Domain.PortForwarding;

/// <summary>One step from what is forwarded to what is to be.</summary>
public abstract record ForwardChange
{
    private ForwardChange() { }

    /// <summary>End one.</summary>
    public sealed record Close(Forward Forward) : ForwardChange;

    /// <summary>Begin one.</summary>
    public sealed record Open(Forward Forward) : ForwardChange;

    /// <summary>Lead the same end of the host to another one of the guest; connections that are open stay.</summary>
    public sealed record Redirect(Forward From, Forward To) : ForwardChange;

    /// <summary>
    /// The steps from <paramref name="live"/> to <paramref name="wanted"/>: what ends first, so that its end of the host is free for
    /// what begins. Nothing when they agree.
    /// </summary>
    public static ImmutableArray<ForwardChange> Between(IReadOnlyCollection<Forward> live, IReadOnlyCollection<Forward> wanted)
    {
        var before = live.ToDictionary(f => f.Key);
        var after = wanted.ToDictionary(f => f.Key);
        return
        [
            .. live.Where(f => !after.TryGetValue(f.Key, out var now) || !CanRedirect(f, now)).Select(f => new Close(f)),
            .. wanted.Where(f => before.TryGetValue(f.Key, out var old) && old != f && CanRedirect(old, f)).Select(f => new Redirect(before[f.Key], f)),
            .. wanted.Where(f => !before.TryGetValue(f.Key, out var old) || !CanRedirect(old, f)).Select(f => new Open(f)),
        ];
    }

    // What listens in the guest is the other program's, and cannot be led elsewhere; and what is reached from outside may be by another way.
    private static bool CanRedirect(Forward from, Forward to) =>
        from == to || (!from.Reverse && !to.Reverse && from.GuestTakesIPv4 == to.GuestTakesIPv4);
}
