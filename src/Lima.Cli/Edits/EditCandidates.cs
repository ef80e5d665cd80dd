using System.Globalization;

namespace Lima.Cli.Edits;

/// <summary>Sizes worth offering for a machine: powers of two up to what it has.</summary>
internal static class EditCandidates
{
    private const long Gibibyte = 1L << 30;

    /// <summary>Counts of processors for this machine.</summary>
    public static IEnumerable<string> Cpus() => Cpus(Environment.ProcessorCount).Select(count => count.ToString(CultureInfo.InvariantCulture));

    /// <summary>Sizes of memory in GiB for this machine.</summary>
    public static IEnumerable<string> Memory() =>
        MemoryGiB(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes).Select(size => size.ToString("0.0", CultureInfo.InvariantCulture));

    /// <summary>Powers of two up to <paramref name="most"/>, and that number itself.</summary>
    public static IReadOnlyList<int> Cpus(int most)
    {
        List<int> counts = [];
        for (var count = 1; count <= most; count *= 2) counts.Add(count);
        if (counts.Count > 0 && counts[^1] != most) counts.Add(most);
        return counts;
    }

    /// <summary>Powers of two up to half of <paramref name="bytes"/>, and that half itself; 0.5 on a very small machine.</summary>
    public static IReadOnlyList<double> MemoryGiB(long bytes)
    {
        var half = (int)(bytes / 2 / Gibibyte);
        return half < 1 ? [0.5] : [.. Cpus(half).Select(size => (double)size)];
    }
}
