namespace Lima.GuestAgent.Listeners;

/// <summary>All that listens, sorted, each once, bounded.</summary>
/// <param name="Entries">The lowest ports.</param>
/// <param name="IsTruncated">There are more than <see cref="EntriesMax"/>.</param>
internal sealed record ListeningSet(Listening[] Entries, bool IsTruncated)
{
    /// <summary>As many as one message holds.</summary>
    public const int EntriesMax = 1024;

    /// <summary>Nothing.</summary>
    public static readonly ListeningSet Empty = new([], false);

    /// <summary>Takes what was found, in any order; the list is sorted in place.</summary>
    public static ListeningSet Of(List<Listening> found)
    {
        found.Sort();
        var entries = new List<Listening>(Math.Min(found.Count, EntriesMax));
        foreach (var one in found)
        {
            // Several sockets may share one port.
            if (one.Port == 0 || (entries.Count > 0 && entries[^1] == one)) continue;
            if (entries.Count == EntriesMax) return new ListeningSet([.. entries], true);
            entries.Add(one);
        }

        return new ListeningSet([.. entries], false);
    }

    /// <summary>Whether the socket of a UDP port that has ended may have been among these.</summary>
    public bool MayHaveUdp(ushort port) => IsTruncated || Array.Exists(Entries, one => one.IsUdp && one.Port == port);

    /// <inheritdoc/>
    public bool Equals(ListeningSet? other) =>
        other is not null && IsTruncated == other.IsTruncated && Entries.AsSpan().SequenceEqual(other.Entries);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Entries.Length, IsTruncated);
}
