namespace Lima.Drivers.Disks;

/// <summary>A disk that is kept beside the instances, to be used by one of them at a time.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Directory">Its directory.</param>
/// <param name="Bytes">Size that a guest sees.</param>
/// <param name="Format"><c>qcow2</c> or <c>raw</c>.</param>
/// <param name="Holder">Who has it; null when it is free.</param>
public sealed record StoredDisk(string Name, string Directory, long Bytes, string Format, DiskHolder? Holder)
{
    /// <summary>The image.</summary>
    public string DataDisk => DataDiskIn(Directory);

    /// <summary>Directory of the instance that has it; null when none has.</summary>
    public string? InstanceDirectory => Holder?.InstanceDirectory;

    /// <summary>Name of that instance.</summary>
    public string? Instance => Holder?.Instance;

    /// <summary>Bytes that the image takes on the host's disk.</summary>
    public long AllocatedBytes { get; init; }

    /// <summary>Where the link <c>in_use_by</c> of somebody who has it no longer points; null when there is none.</summary>
    public string? StaleLink { get; init; }

    /// <summary>Where a guest finds its file system.</summary>
    public string MountPoint => $"/mnt/lima-{Name}";

    internal static string DataDiskIn(string directory) => Path.Combine(directory, "datadisk");
}
