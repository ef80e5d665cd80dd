namespace Lima.Drivers.Disks;

/// <summary>A disk that is kept beside the instances, to be used by one of them at a time.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Directory">Its directory.</param>
/// <param name="Bytes">Size that a guest sees.</param>
/// <param name="Format"><c>qcow2</c> or <c>raw</c>.</param>
/// <param name="InstanceDirectory">Directory of the instance that has it locked; null when it is free.</param>
public sealed record StoredDisk(string Name, string Directory, long Bytes, string Format, string? InstanceDirectory)
{
    /// <summary>The image.</summary>
    public string DataDisk => DataDiskIn(Directory);

    /// <summary>Name of the instance that has it locked; null when it is free.</summary>
    public string? Instance => InstanceDirectory is null ? null : Path.GetFileName(InstanceDirectory);

    /// <summary>Where a guest finds its file system.</summary>
    public string MountPoint => $"/mnt/lima-{Name}";

    internal static string DataDiskIn(string directory) => Path.Combine(directory, "datadisk");
}
