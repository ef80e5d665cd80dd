using System.Collections.Immutable;

namespace Lima.Domain.Specs;

/// <summary>containerd and nerdctl in the guest.</summary>
public sealed record ContainerdSpec
{
    /// <summary>For the whole system.</summary>
    public bool System { get; init; }

    /// <summary>For the guest's user, without root.</summary>
    public bool User { get; init; }

    /// <summary>
    /// Whether a template, or the user's own defaults, say so; false when it is wanted only because nobody said otherwise. Then
    /// a guest goes without where the archive cannot be had.
    /// </summary>
    public bool Asked { get; init; }

    /// <summary>Archives to install from; the first of the guest's architecture is taken.</summary>
    public ImmutableArray<ArchiveSource> Archives { get; init; } = [];

    /// <summary>Whether anything is to be installed.</summary>
    public bool Wanted => System || User;
}

/// <summary>A file for one architecture.</summary>
/// <param name="Location">URL or absolute path.</param>
/// <param name="Arch">Architecture that it is for.</param>
/// <param name="Digest">OCI digest, or empty when none is known.</param>
public sealed record ArchiveSource(string Location, string Arch, string Digest = "");
