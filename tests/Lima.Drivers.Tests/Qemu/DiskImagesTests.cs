using Lima.Domain.Vms;
using Lima.Drivers.Processes;
using Lima.Drivers.Qemu.Disks;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Drivers.Tests.Qemu;

public sealed class DiskImagesTests(ITestOutputHelper output) : IDisposable
{
    private const long MiB = 1 << 20;
    private readonly TemporaryDirectory _directory = new();
    private readonly DiskImages _images = new();

    public void Dispose() => _directory.Dispose();

    private static async Task<string> ToolAsync(string program, params string[] arguments)
    {
        var result = await ProcessRunner.RunAsync(new ProcessSpec(program, [.. arguments]), TimeSpan.FromSeconds(60), CancellationToken.None);
        Assert.True(result.ExitCode == 0, result.Error);
        return result.Output;
    }

    /// <summary>An image with something in it, compressed or not.</summary>
    private async Task<string> ImageAsync(string name = "image", string format = "qcow2", bool compressed = false)
    {
        var data = new byte[3 * MiB];
        new Random(7).NextBytes(data);
        await File.WriteAllBytesAsync(_directory["data"], data);
        await ToolAsync("qemu-img", ["convert", "-f", "raw", "-O", format, .. compressed ? (string[])["-c"] : [], _directory["data"], _directory[name]]);
        return _directory[name];
    }

    [Theory]
    [InlineData("qcow2", false)]
    [InlineData("qcow2", true)]
    [InlineData("raw", false)]
    [InlineData("vmdk", false)]
    public async Task Accepts_an_image_that_is_complete_in_itself(string format, bool compressed)
    {
        if (!Need.Programs(output, "qemu-img")) return;
        var info = await _images.InspectAsync(await ImageAsync(format: format, compressed: compressed), CancellationToken.None);

        Assert.Equal((format, 3 * MiB), (info.Format, info.VirtualBytes));
        Assert.True(info.ActualBytes > MiB);
    }

    [Fact]
    public async Task Refuses_what_would_open_other_files()
    {
        if (!Need.Programs(output, "qemu-img")) return;
        await ImageAsync();
        await ToolAsync("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", _directory["image"], _directory["backed"]);
        await ToolAsync("qemu-img", "create", "-q", "-f", "qcow2", "-o", $"data_file={_directory["outside"]},data_file_raw=on", _directory["external"], "1M");
        await ToolAsync("qemu-img", "create", "-q", "-f", "vmdk", "-o", "subformat=monolithicFlat", _directory["flat.vmdk"], "1M");

        foreach (var (name, why) in new[] { ("backed", "has a backing file"), ("external", "keeps its data in another file"), ("flat.vmdk", "refers to other files") })
        {
            var refused = await Assert.ThrowsAsync<DriverException>(() => _images.InspectAsync(_directory[name], CancellationToken.None));
            Assert.Equal("image-unsafe", refused.Cause.Code);
            Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Notices_that_an_image_is_cut_off_wherever(bool compressed)
    {
        if (!Need.Programs(output, "qemu-img")) return;
        var whole = await File.ReadAllBytesAsync(await ImageAsync(compressed: compressed));
        foreach (var length in new[] { 50, 70_000, 200_000, whole.Length / 2, whole.Length - (int)(MiB / 4) })
        {
            await File.WriteAllBytesAsync(_directory["cut"], whole[..length]);
            var cut = await Assert.ThrowsAsync<DriverException>(() => _images.InspectAsync(_directory["cut"], CancellationToken.None));
            Assert.Equal("image-truncated", cut.Cause.Code);
            cut = await Assert.ThrowsAsync<DriverException>(
                () => _images.CreateOverlayAsync(_directory["cut"], "qcow2", _directory["disk"], 10 * MiB, CancellationToken.None));
            Assert.Equal("image-truncated", cut.Cause.Code);
        }

        Assert.False(File.Exists(_directory["disk"]));
    }

    [Fact]
    public async Task Refuses_other_formats_and_damaged_headers()
    {
        if (!Need.Programs(output, "qemu-img")) return;
        await ToolAsync("qemu-img", "create", "-q", "-f", "vdi", _directory["image.vdi"], "1M");
        var format = await Assert.ThrowsAsync<DriverException>(() => _images.InspectAsync(_directory["image.vdi"], CancellationToken.None));
        Assert.Equal("image-format", format.Cause.Code);
        Assert.Contains("`vdi`", format.Message, StringComparison.Ordinal);

        var bytes = await File.ReadAllBytesAsync(await ImageAsync());
        bytes[23] = 60; // Cluster bits.
        await File.WriteAllBytesAsync(_directory["bad"], bytes);
        var damaged = await Assert.ThrowsAsync<DriverException>(() => _images.InspectAsync(_directory["bad"], CancellationToken.None));
        Assert.Equal("image-damaged", damaged.Cause.Code);

        var missing = await Assert.ThrowsAsync<DriverException>(() => _images.InspectAsync(_directory["none"], CancellationToken.None));
        Assert.Equal(VmCauses.PrepareFailed, missing.Cause.Code);
    }

    [Fact]
    public async Task An_overlay_is_small_grown_and_leaves_its_base_alone()
    {
        if (!Need.Programs(output, "qemu-img")) return;
        var image = await ImageAsync();
        var before = await File.ReadAllBytesAsync(image);

        Assert.Equal(100 * MiB, await _images.CreateOverlayAsync(image, "qcow2", _directory["disk"], 100 * MiB, CancellationToken.None));

        Assert.True(new FileInfo(_directory["disk"]).Length < MiB);
        var text = await ToolAsync("qemu-img", "info", "--output=json", _directory["disk"]);
        Assert.Contains($"\"backing-filename-format\": \"qcow2\"", text, StringComparison.Ordinal);
        Assert.Equal("qcow2", DiskFormat.OfInstanceDisk(_directory["disk"]));
        await ToolAsync("qemu-img", "compare", "-f", "qcow2", "-F", "qcow2", image, _directory["disk"]); // Same content.
        Assert.Equal(before, await File.ReadAllBytesAsync(image));
        Assert.False(File.Exists(_directory["disk.tmp"]));
    }

    [Fact]
    public async Task A_disk_grows_and_never_shrinks()
    {
        if (!Need.Programs(output, "qemu-img")) return;
        var image = await ImageAsync();
        Assert.Equal(3 * MiB, await _images.CreateOverlayAsync(image, "qcow2", _directory["disk"], MiB, CancellationToken.None));
        Assert.Equal(8 * MiB, await _images.ResizeAsync(_directory["disk"], "qcow2", 8 * MiB, CancellationToken.None));
        Assert.Equal(8 * MiB, await _images.ResizeAsync(_directory["disk"], "qcow2", 5 * MiB, CancellationToken.None));
        Assert.Equal(8 * MiB, Qcow2Header.Read(_directory["disk"])!.VirtualBytes);

        await ImageAsync("raw", "raw");
        Assert.Equal(5 * MiB, await _images.ResizeAsync(_directory["raw"], "raw", 5 * MiB, CancellationToken.None));
        // What counts is the file behind a link.
        File.CreateSymbolicLink(_directory["link"], "disk");
        Assert.Equal(9 * MiB, await _images.ResizeAsync(_directory["link"], "qcow2", 9 * MiB, CancellationToken.None));
        Assert.Equal("disk", new FileInfo(_directory["link"]).LinkTarget);
        Assert.Equal(5 * MiB, new FileInfo(_directory["raw"]).Length);
    }

    [Fact]
    public async Task A_guest_cannot_turn_its_raw_disk_into_another_format()
    {
        if (!Need.Programs(output, "qemu-img")) return;
        await ImageAsync("disk", "raw");
        Assert.Equal("raw", DiskFormat.OfInstanceDisk(_directory["disk"]));

        File.Copy(await ImageAsync("evil"), _directory["disk"], overwrite: true);

        Assert.Equal("qcow2", DiskFormat.Detect(_directory["disk"]));
        Assert.Equal("raw", DiskFormat.OfInstanceDisk(_directory["disk"]));
    }

    [Fact]
    public async Task A_full_disk_is_told_in_plain_words()
    {
        if (!Need.Programs(output, "qemu-img", "mount", "umount")) return;
        var image = await ImageAsync();
        Directory.CreateDirectory(_directory["small"]);
        var mounted = await ProcessRunner.RunAsync(
            new ProcessSpec("mount", ["-t", "tmpfs", "-o", "size=64k", "none", _directory["small"]]), TimeSpan.FromSeconds(10), CancellationToken.None);
        if (mounted.ExitCode != 0)
        {
            output.WriteLine("SKIP: a small file system can be mounted by root only");
            return;
        }

        try
        {
            var full = await Assert.ThrowsAsync<DriverException>(
                () => _images.CreateOverlayAsync(image, "qcow2", _directory["small/disk"], 100 * MiB, CancellationToken.None));
            Assert.Equal("disk-full", full.Cause.Code);
            Assert.Equal($"no space left in {_directory["small"]} for disk", full.Message);
            Assert.Empty(Directory.EnumerateFileSystemEntries(_directory["small"]));
        }
        finally
        {
            await ToolAsync("umount", _directory["small"]);
        }
    }
}
