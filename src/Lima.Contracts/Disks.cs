namespace Lima.Contracts;

/// <summary>A disk beside the instances. Names and meanings are Lima's (<c>limactl disk list --json</c>).</summary>
public sealed record DiskView
{
    /// <summary>Name of the disk.</summary>
    public required string Name { get; init; }
    /// <summary>Size that a guest sees, in bytes.</summary>
    public long Size { get; init; }
    /// <summary><c>qcow2</c> or <c>raw</c>; <c>damaged</c> when it cannot be read.</summary>
    public string Format { get; init; } = "";
    /// <summary>Its directory.</summary>
    public string Dir { get; init; } = "";
    /// <summary>Instance that uses it now; empty when none does.</summary>
    public string Instance { get; init; } = "";
    /// <summary>Directory of that instance; empty when none does.</summary>
    public string InstanceDir { get; init; } = "";
    /// <summary>Where a guest finds its file system.</summary>
    public string MountPoint { get; init; } = "";
    /// <summary>Bytes that it takes on the host's disk: what guests have written and not given back.</summary>
    public long Allocated { get; init; }
}

/// <summary>Answer to <c>GET /v1/disks</c>.</summary>
/// <param name="Disks">All of them, sorted by name.</param>
public sealed record DiskList(IReadOnlyList<DiskView> Disks);

/// <summary>Body of <c>POST /v1/disks</c>: an empty disk of a size, or a copy of a file.</summary>
public sealed record CreateDiskRequest
{
    /// <summary>Name of the new disk.</summary>
    public required string Name { get; init; }
    /// <summary>Its size in bytes; not looked at with <see cref="Import"/>.</summary>
    public long Size { get; init; }
    /// <summary><c>qcow2</c> or <c>raw</c>; not looked at with <see cref="Import"/>.</summary>
    public string Format { get; init; } = "qcow2";
    /// <summary>Absolute path of an image to copy; null for an empty disk.</summary>
    public string? Import { get; init; }
}

/// <summary>Body of <c>POST /v1/disks/NAME/{delete,unlock,resize}</c>.</summary>
public sealed record DiskRequest
{
    /// <summary>Delete it although an instance has it locked or names it.</summary>
    public bool Force { get; init; }
    /// <summary>New size in bytes, for <c>resize</c>.</summary>
    public long Size { get; init; }
}

/// <summary>Body of <c>POST /v1/instances/NAME/disks</c>: a change of an instance's disks.</summary>
public sealed record DiskChangeRequest
{
    /// <summary>Chosen by the client; sending the same id again has no further effect.</summary>
    public required string CommandId { get; init; }
    /// <summary><c>grow</c>, <c>attach</c> or <c>detach</c>.</summary>
    public required string Action { get; init; }
    /// <summary>Name of the disk; empty for the instance's own, which can only grow.</summary>
    public string Disk { get; init; } = "";
    /// <summary>New size in bytes, for <c>grow</c>.</summary>
    public long Size { get; init; }
    /// <summary>Whether the guest may put a file system on a disk that has none, for <c>attach</c>.</summary>
    public bool Format { get; init; } = true;
    /// <summary>Which file system, for <c>attach</c>; null leaves the choice to the guest.</summary>
    public string? FsType { get; init; }
}
