using Lima.Drivers.Qemu.Disks;

namespace Lima.Drivers.Instances;

/// <summary>A file outside an instance's directory that the instance cannot do without.</summary>
/// <param name="Role">What it is to the instance, for users: <c>base of the disk</c>, <c>kernel</c>, <c>initrd</c>, <c>boot CD</c>.</param>
/// <param name="Path">As it is written down.</param>
public sealed record OutsideFile(string Role, string Path);

/// <summary>What an instance's disk and kernel stand on.</summary>
public static class OutsideFiles
{
    /// <summary>The image beneath the disk and what kernel, initrd and CD link to, as far as they are there and can be read.</summary>
    public static IReadOnlyList<OutsideFile> Of(InstanceDirectory directory) =>
    [
        .. Named("base of the disk", Backing(directory.Disk) ?? Backing(directory.LegacyDisk)),
        .. Named("kernel", Target(directory.Kernel)),
        .. Named("initrd", Target(directory.Initrd)),
        .. Named("boot CD", Target(directory.Iso)),
    ];

    private static IEnumerable<OutsideFile> Named(string role, string? path) => path is null ? [] : [new OutsideFile(role, path)];

    private static string? Backing(string disk)
    {
        try
        {
            return File.Exists(disk) ? Qcow2Header.BackingFile(disk) : null;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? Target(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
