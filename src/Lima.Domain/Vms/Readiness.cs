using System.Collections.Immutable;

namespace Lima.Domain.Vms;

/// <summary>What must hold before a VM counts as running.</summary>
public static class Readiness
{
    /// <summary>An authenticated SSH session works.</summary>
    public const string Ssh = "ssh";

    /// <summary>The boot scripts have finished.</summary>
    public const string BootScripts = "boot-scripts";

    /// <summary>All of them, in the order in which they are usually met.</summary>
    public static readonly ImmutableArray<string> All = [Ssh, BootScripts];

    /// <summary>Whether nothing is missing.</summary>
    public static bool IsComplete(ImmutableHashSet<string> met) => All.All(met.Contains);

    /// <summary>What is missing, in order.</summary>
    public static ImmutableArray<string> Missing(ImmutableHashSet<string> met) => [.. All.Where(r => !met.Contains(r))];
}
