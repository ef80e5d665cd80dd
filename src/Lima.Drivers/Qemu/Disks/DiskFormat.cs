using System.Text;

namespace Lima.Drivers.Qemu.Disks;

/// <summary>Formats of disk images, told from their first bytes.</summary>
public static class DiskFormat
{
    /// <summary>QEMU's own format.</summary>
    public const string Qcow2 = "qcow2";
    /// <summary>Sector by sector, nothing else.</summary>
    public const string Raw = "raw";

    private const string SidecarSuffix = ".format";

    /// <summary>Format of an image that no guest has ever written to.</summary>
    public static string Detect(string path)
    {
        Span<byte> start = stackalloc byte[8];
        using var file = File.OpenRead(path);
        file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        return start switch
        {
            [(byte)'Q', (byte)'F', (byte)'I', 0xfb, ..] => Qcow2,
            [(byte)'K', (byte)'D', (byte)'M', (byte)'V', ..] => "vmdk",
            _ when start.SequenceEqual("vhdxfile"u8) => "vhdx",
            _ => Raw,
        };
    }

    /// <summary>
    /// Format of an instance's own disk. A guest owns every byte of a raw disk and could write another format's header
    /// there, which would make the host open files of the guest's choice at the next start. So the first look at a disk
    /// that is not qcow2 is kept beside it, and believed ever after.
    /// </summary>
    public static string OfInstanceDisk(string disk)
    {
        var sidecar = disk + SidecarSuffix;
        if (File.Exists(sidecar)) return File.ReadAllText(sidecar, Encoding.ASCII).Trim();
        var format = Detect(disk);
        if (format == Qcow2) return format;
        var temporary = sidecar + ".tmp";
        using (var file = new FileStream(temporary, FileMode.Create))
        {
            file.Write(Encoding.ASCII.GetBytes(format + "\n"));
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, sidecar, overwrite: true);
        return format;
    }
}
