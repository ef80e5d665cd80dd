using System.Collections.Immutable;

namespace Lima.Domain.Networks;

/// <summary>Which card has which address of one network. An address stays with its card until all others are taken.</summary>
/// <param name="Leases">Cards by their addresses.</param>
public sealed record LeaseTable(ImmutableSortedDictionary<Ipv4, Mac> Leases)
{
    /// <summary>Nobody has one.</summary>
    public static LeaseTable Empty { get; } = new(ImmutableSortedDictionary<Ipv4, Mac>.Empty);

    /// <summary>The table as it was written down, without what the network does not give out (any more).</summary>
    public static LeaseTable Of(IEnumerable<KeyValuePair<string, string>> written, NetworkPlan plan)
    {
        var leases = ImmutableSortedDictionary.CreateBuilder<Ipv4, Mac>();
        var cards = new HashSet<Mac>();
        foreach (var (address, card) in written)
        {
            if (Ipv4.TryParse(address, out var ip) && Mac.TryParse(card, out var mac) && plan.Gives(ip) && !leases.ContainsKey(ip) && cards.Add(mac)) leases[ip] = mac;
        }

        return new LeaseTable(leases.ToImmutable());
    }

    /// <summary>A card's address; null when it has none.</summary>
    public Ipv4? Of(Mac card)
    {
        foreach (var (address, mac) in Leases)
            if (mac == card) return address;
        return null;
    }

    /// <summary>Gives a card its address: the one it has, else a free one, else one of a card that is not there now.</summary>
    /// <param name="card">The card.</param>
    /// <param name="plan">The addresses there are.</param>
    /// <param name="present">Cards that keep theirs.</param>
    /// <returns>The table with it, and the address; null for the address when all are taken.</returns>
    public (LeaseTable Table, Ipv4? Address) Take(Mac card, NetworkPlan plan, IReadOnlySet<Mac> present)
    {
        if (Of(card) is { } known) return (this, known);
        Ipv4? absent = null;
        for (var value = plan.First.Value; value <= plan.Last.Value; value++)
        {
            var address = new Ipv4(value);
            if (!Leases.TryGetValue(address, out var holder)) return (With(address, card), address);
            if (absent is null && !present.Contains(holder)) absent = address;
        }

        return absent is { } taken ? (With(taken, card), taken) : (this, null);
    }

    private LeaseTable With(Ipv4 address, Mac card) => new(Leases.SetItem(address, card));
}
