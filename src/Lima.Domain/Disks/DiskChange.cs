namespace Lima.Domain.Disks;

/// <summary>A change of a machine's disks while it runs.</summary>
/// <param name="Action">One of <see cref="DiskActions"/>.</param>
/// <param name="Disk">Name of the disk; empty for the machine's own.</param>
/// <param name="Bytes">The new size of a disk that grows; 0 otherwise.</param>
/// <param name="Yaml">The whole new text of <c>lima.yaml</c>; empty when that stays as it is.</param>
public sealed record DiskChange(string Action, string Disk, long Bytes = 0, string Yaml = "")
{
    /// <summary>Whether it is about the machine's own disk.</summary>
    public bool IsMain => Disk.Length == 0;

    /// <summary>The disk in a sentence.</summary>
    public string Subject => IsMain ? "the disk" : $"disk `{Disk}`";
}

/// <summary>What can be done with a disk of a machine that runs; stored, so the words stay.</summary>
public static class DiskActions
{
    /// <summary>It becomes larger.</summary>
    public const string Grow = "grow";
    /// <summary>It is plugged in.</summary>
    public const string Attach = "attach";
    /// <summary>It is taken out.</summary>
    public const string Detach = "detach";
}
