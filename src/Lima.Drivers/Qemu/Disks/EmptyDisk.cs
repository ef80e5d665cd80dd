using System.Globalization;
using Lima.Domain.Vms;
using Lima.Drivers.Processes;

namespace Lima.Drivers.Qemu.Disks;

/// <summary>Makes empty disks. A raw one is a file of holes and needs no tool.</summary>
internal sealed class EmptyDisk(string qemuImg)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>Makes a disk where there is no file yet.</summary>
    /// <exception cref="DriverException">It cannot be made (<c>prepare-failed</c>), or <c>qemu-img</c> is missing (<c>tool-missing</c>).</exception>
    public async Task CreateAsync(string path, string format, long bytes, CancellationToken cancel)
    {
        if (format == DiskFormat.Raw)
        {
            Grow(path, bytes);
            return;
        }

        var result = await ProcessRunner.RunAsync(
            new ProcessSpec(qemuImg, ["create", "-q", "-f", format, path, bytes.ToString(CultureInfo.InvariantCulture)]), Limit, cancel);
        if (result.ExitCode != 0)
            throw new DriverException(VmCauses.PrepareFailed, "creating the disk", $"{path}: {result.LastError}", "check free space and permissions there");
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>Makes a raw disk, or one that is there, that long.</summary>
    /// <exception cref="IOException">The file system refuses.</exception>
    public static void Grow(string path, long bytes)
    {
        using var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite);
        RandomAccess.SetLength(file, bytes);
        RandomAccess.FlushToDisk(file);
    }
}
