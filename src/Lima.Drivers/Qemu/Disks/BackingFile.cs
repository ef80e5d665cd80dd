using System.Text.Json;
using Lima.Drivers.Processes;

namespace Lima.Drivers.Qemu.Disks;

/// <summary>The file that a qcow2 disk lies on.</summary>
public sealed class BackingFile(string qemuImg = "qemu-img")
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>Its path as the disk says it; null when the disk is complete in itself, no qcow2, or not there.</summary>
    public static string? Read(string disk)
    {
        try
        {
            return File.Exists(disk) && DiskFormat.OfInstanceDisk(disk) == DiskFormat.Qcow2 ? Qcow2Header.BackingFile(disk) : null;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Says that the file is elsewhere now; its content must be the same. The new place need not exist yet.</summary>
    /// <exception cref="DriverException">The disk cannot be changed (<c>prepare-failed</c>), or <c>qemu-img</c> is missing.</exception>
    public async Task MoveAsync(string disk, string path, CancellationToken cancel)
    {
        var info = await RunAsync(disk, ["info", "--output=json", "--force-share", "-f", DiskFormat.Qcow2, disk], cancel);
        using var document = JsonDocument.Parse(info);
        var format = document.RootElement.TryGetProperty("backing-filename-format", out var known) ? known.GetString()! : DiskFormat.Raw;
        await RunAsync(disk, ["rebase", "-u", "-f", DiskFormat.Qcow2, "-F", format, "-b", path, disk], cancel);
    }

    private async Task<string> RunAsync(string disk, string[] arguments, CancellationToken cancel)
    {
        var result = await ProcessRunner.RunAsync(new ProcessSpec(qemuImg, [.. arguments]), Limit, cancel);
        return result.ExitCode == 0
            ? result.Output
            : throw new DriverException(Domain.Vms.VmCauses.PrepareFailed, "moving the disk", $"{disk}: {result.LastError}");
    }
}
