using System.Collections.Immutable;

namespace Lima.Domain.Specs;

/// <summary>A disk of <c>limactl disk</c> that the instance uses while it runs.</summary>
/// <param name="Name">Name of the disk.</param>
public sealed record DiskSpec(string Name)
{
    /// <summary>Whether the guest may put a file system on it.</summary>
    public bool Format { get; init; } = true;

    /// <summary>File system (<c>ext4</c>, <c>xfs</c>, <c>swap</c>); empty leaves the choice to the guest.</summary>
    public string FsType { get; init; } = "";

    /// <summary>Arguments for the program that makes the file system.</summary>
    public ImmutableArray<string> FsArgs { get; init; } = [];
}
