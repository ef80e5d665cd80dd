namespace Lima.Drivers.Qemu.Disks;

/// <summary>What disks are called on QEMU's command line and in its control protocol.</summary>
public static class DiskId
{
    /// <summary>The main disk.</summary>
    public const string Main = "boot-disk";

    /// <summary>A disk beside the instances; its name has no character that an identifier of QEMU may not have.</summary>
    public static string Of(string name) => "disk-" + name;
}
