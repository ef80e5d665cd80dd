using Lima.Domain.Vms;
using Lima.Drivers.Processes;

namespace Lima.Drivers.Qemu.Disks;

/// <summary>The first sector of a disk, which says whether the disk can be started by itself.</summary>
public static class BootSector
{
    private const int Bytes = 512, MarkAt = 510;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Whether there is a program in it, as the firmware of a PC looks for it.</summary>
    /// <param name="disk">Absolute path.</param>
    /// <param name="format">Its format.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="DriverException">The disk cannot be read.</exception>
    public static async Task<bool> IsBootableAsync(string disk, string format, CancellationToken cancel)
    {
        var sector = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            var read = await ProcessRunner.TryRunAsync(
                new ProcessSpec("qemu-img", ["dd", "-U", "-f", format, "-O", "raw", $"bs={Bytes}", "count=1", $"if={disk}", $"of={sector}"]), Limit, cancel);
            if (read.ExitCode != 0) throw new DriverException(VmCauses.LaunchFailed, "looking at the disk", $"`{disk}` cannot be read: {read.Error.Trim()}", "");
            return IsBootable(await File.ReadAllBytesAsync(sector, cancel));
        }
        finally
        {
            File.Delete(sector);
        }
    }

    /// <summary>The same of its bytes.</summary>
    public static bool IsBootable(ReadOnlySpan<byte> sector) =>
        sector.Length >= Bytes && sector[MarkAt] == 0x55 && sector[MarkAt + 1] == 0xaa && sector[..4].ContainsAnyExcept((byte)0);
}
