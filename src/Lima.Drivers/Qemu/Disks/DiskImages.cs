using System.Globalization;
using System.Text.Json;
using Lima.Domain.Vms;
using Lima.Drivers.Processes;

namespace Lima.Drivers.Qemu.Disks;

/// <summary>A disk image that was looked at and found harmless.</summary>
/// <param name="Format">QEMU's name of its format.</param>
/// <param name="VirtualBytes">Size that a guest sees.</param>
/// <param name="ActualBytes">Space that it takes.</param>
public sealed record DiskImageInfo(string Format, long VirtualBytes, long ActualBytes);

/// <summary>Looks at, makes and grows disk images by means of <c>qemu-img</c>.</summary>
/// <param name="qemuImg">Program, by name or path.</param>
public sealed class DiskImages(string qemuImg = "qemu-img")
{
    private static readonly string[] Accepted = [DiskFormat.Qcow2, DiskFormat.Raw, "vmdk", "vhdx"];
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Examines an image from anywhere. One that would make QEMU open other files, is cut off, or has a format that is
    /// not supported is refused.
    /// </summary>
    /// <exception cref="DriverException">Code <c>image-unsafe</c>, <c>image-truncated</c>, <c>image-format</c>, <c>image-damaged</c> or <c>prepare-failed</c>.</exception>
    public async Task<DiskImageInfo> InspectAsync(string image, CancellationToken cancel)
    {
        const string step = "examining the image";
        if (!File.Exists(image)) throw new DriverException(VmCauses.PrepareFailed, step, $"image {image} does not exist");
        if (ReadHeader(image, step) is { } header)
        {
            if (header.HasBackingFile) throw Unsafe("has a backing file");
            if (header.HasDataFile) throw Unsafe("keeps its data in another file");
            if (header.BytesNeeded > LengthOf(image)) throw Truncated(image, step);
        }

        var info = await InfoAsync(image, null, step, cancel);
        if (!Accepted.Contains(info.Format))
        {
            throw new DriverException(
                "image-format", step, $"image {image} has the format `{info.Format}`, which is not supported",
                $"convert it: `qemu-img convert -O qcow2 {image} new.qcow2`");
        }

        return info.RefersElsewhere ? throw Unsafe("refers to other files") : new(info.Format, info.VirtualBytes, info.ActualBytes);

        DriverException Unsafe(string why) => new(
            "image-unsafe", step, $"image {image} {why}; an image must be complete in itself", "flatten it: `qemu-img convert -O qcow2 IMAGE new.qcow2`");
    }

    /// <summary>
    /// Makes a qcow2 disk on top of an image that stays untouched: some hundred kilobytes, whatever the image's size.
    /// </summary>
    /// <param name="baseImage">Absolute path of the image.</param>
    /// <param name="format">Its format, never guessed.</param>
    /// <param name="disk">Path of the disk to be made; replaced if it exists.</param>
    /// <param name="bytes">Size that the guest is to see; the image's own size where that is larger.</param>
    /// <param name="cancel">Gives up; no half-made disk remains.</param>
    /// <returns>The size that the guest sees.</returns>
    /// <exception cref="DriverException">Code <c>disk-full</c>, <c>image-truncated</c>, <c>image-damaged</c> or <c>prepare-failed</c>.</exception>
    public async Task<long> CreateOverlayAsync(string baseImage, string format, string disk, long bytes, CancellationToken cancel)
    {
        const string step = "making the disk";
        var size = Math.Max(bytes, await VirtualBytesAsync(baseImage, format, step, cancel));
        var temporary = disk + ".tmp";
        try
        {
            File.Delete(temporary);
            await ToolAsync(
                ["create", "-q", "-f", DiskFormat.Qcow2, "-F", format, "-b", Path.GetFullPath(baseImage), temporary, size.ToString(CultureInfo.InvariantCulture)],
                disk, step, cancel);
            using (var file = File.OpenHandle(temporary, FileMode.Open, FileAccess.ReadWrite)) RandomAccess.FlushToDisk(file);
            File.Delete(disk + ".format"); // What was noted of an earlier disk; before the new one comes, which it would spoil.
            File.Move(temporary, disk, overwrite: true);
            return size;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Grows a disk that no QEMU has open; a disk that is large enough already stays as it is.</summary>
    /// <returns>Its size afterwards.</returns>
    /// <exception cref="DriverException">Code <c>disk-full</c>, <c>image-truncated</c>, <c>image-damaged</c> or <c>prepare-failed</c>.</exception>
    public async Task<long> ResizeAsync(string disk, string format, long bytes, CancellationToken cancel)
    {
        const string step = "growing the disk";
        var now = await VirtualBytesAsync(disk, format, step, cancel);
        if (now >= bytes) return now;
        await ToolAsync(["resize", "-q", "-f", format, Path.GetFullPath(disk), bytes.ToString(CultureInfo.InvariantCulture)], disk, step, cancel);
        return bytes;
    }

    private async Task<long> VirtualBytesAsync(string image, string format, string step, CancellationToken cancel)
    {
        if (!File.Exists(image)) throw new DriverException(VmCauses.PrepareFailed, step, $"disk image {image} does not exist");
        if (format == DiskFormat.Raw) return LengthOf(image);
        if (format != DiskFormat.Qcow2) return (await InfoAsync(image, format, step, cancel)).VirtualBytes;
        var header = ReadHeader(image, step) ?? throw new DriverException("image-damaged", step, $"{image} is no qcow2 image");
        return header.BytesNeeded <= LengthOf(image) ? header.VirtualBytes : throw Truncated(image, step);
    }

    /// <summary>Length of the file itself: the disk of an instance of old is a link to it.</summary>
    private static long LengthOf(string image)
    {
        using var file = File.OpenHandle(image);
        return RandomAccess.GetLength(file);
    }

    private static Qcow2Header? ReadHeader(string image, string step)
    {
        try
        {
            return Qcow2Header.Read(image);
        }
        catch (EndOfStreamException)
        {
            throw Truncated(image, step);
        }
        catch (InvalidDataException e)
        {
            throw new DriverException("image-damaged", step, $"image {image} is damaged: {e.Message}", "fetch it again");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DriverException(VmCauses.PrepareFailed, step, $"image {image} cannot be read: {e.Message}", inner: e);
        }
    }

    private static DriverException Truncated(string image, string step) => new(
        "image-truncated", step, $"image {image} is cut off: its tables point beyond its end", "delete it and fetch it again");

    private async Task<(string Format, long VirtualBytes, long ActualBytes, bool RefersElsewhere)> InfoAsync(
        string image, string? format, string step, CancellationToken cancel)
    {
        string[] forced = format is null ? [] : ["-f", format];
        var output = await ToolAsync(["info", "--output=json", "--force-share", .. forced, Path.GetFullPath(image)], image, step, cancel);
        using var document = JsonDocument.Parse(output);
        var root = document.RootElement;
        return (
            root.GetProperty("format").GetString()!, root.GetProperty("virtual-size").GetInt64(),
            root.TryGetProperty("actual-size", out var actual) ? actual.GetInt64() : 0, RefersElsewhere(root, Path.GetFullPath(image)));
    }

    private static bool RefersElsewhere(JsonElement info, string self)
    {
        if (info.TryGetProperty("backing-filename", out _) || info.TryGetProperty("full-backing-filename", out _)) return true;
        if (!info.TryGetProperty("format-specific", out var specific) || !specific.TryGetProperty("data", out var data)) return false;
        if (data.TryGetProperty("data-file", out _)) return true;
        return data.TryGetProperty("extents", out var extents) && extents.EnumerateArray()
            .Any(extent => extent.TryGetProperty("filename", out var name) && name.GetString() != self);
    }

    private async Task<string> ToolAsync(string[] arguments, string file, string step, CancellationToken cancel)
    {
        ToolResult result;
        try
        {
            result = await ProcessRunner.RunAsync(new ProcessSpec(qemuImg, [.. arguments]), Limit, cancel);
        }
        catch (DriverException e) when (e.Cause.Code == "tool-missing")
        {
            throw new DriverException(
                "tool-missing", step, $"`{qemuImg}` is not installed", "install the package `qemu-utils` (or `qemu-img`)", e);
        }

        if (result.ExitCode == 0) return result.Output;
        if (result.Error.Contains("No space left on device", StringComparison.Ordinal))
        {
            throw new DriverException(
                "disk-full", step, $"no space left in {Path.GetDirectoryName(Path.GetFullPath(file))} for {Path.GetFileName(file)}",
                "free some space there, or move LIMA_HOME to a larger disk");
        }

        throw new DriverException(VmCauses.PrepareFailed, step, $"{file}: {result.LastError}");
    }
}
