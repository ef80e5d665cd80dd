using Lima.Drivers.Disks;
using Lima.Drivers.Instances;
using Lima.Drivers.Processes;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Drivers.Tests.Disks;

public sealed class DiskStoreTests : IDisposable
{
    private const long MiB = 1 << 20;
    private readonly ITestOutputHelper _output;
    private readonly TemporaryDirectory _directory = new();
    private readonly LimaHome _home;
    private readonly DiskStore _disks;

    public DiskStoreTests(ITestOutputHelper output)
    {
        _output = output;
        _home = new LimaHome(_directory.Path);
        _disks = new DiskStore(_home);
    }

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("qcow2")]
    [InlineData("raw")]
    public async Task Makes_a_disk_of_the_format_and_size_asked_for(string format)
    {
        if (!Need.Programs(_output, "qemu-img")) return;
        var disk = await _disks.CreateAsync("data", 64 * MiB, format, CancellationToken.None);
        Assert.Equal(("data", 64 * MiB, format, null as string), (disk.Name, disk.Bytes, disk.Format, disk.Instance));
        Assert.Equal(Path.Combine(_directory.Path, "_disks", "data", "datadisk"), disk.DataDisk);
        var info = await ProcessRunner.RunAsync(new ProcessSpec("qemu-img", ["info", "-f", format, disk.DataDisk]), TimeSpan.FromSeconds(30), CancellationToken.None);
        Assert.Contains("virtual size: 64 MiB", info.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateDirectories(_home.HostDirectory));
        Assert.Equal("data", Assert.Single(_disks.List()).Name);
    }

    [Fact]
    public async Task A_raw_disk_stays_raw_whatever_the_guest_writes_on_it()
    {
        var disk = await _disks.CreateAsync("data", MiB, "raw", CancellationToken.None);
        await using (var file = File.OpenWrite(disk.DataDisk)) file.Write([(byte)'Q', (byte)'F', (byte)'I', 0xfb]);
        Assert.Equal(("raw", MiB), (_disks.Require("data").Format, _disks.Require("data").Bytes));
    }

    [Fact]
    public async Task Refuses_what_exists_what_is_no_name_no_format_and_no_size()
    {
        await _disks.CreateAsync("data", MiB, "raw", CancellationToken.None);
        Assert.Equal("disk-exists", await CodeAsync(() => _disks.CreateAsync("data", MiB, "raw", CancellationToken.None)));
        Assert.Equal("invalid", await CodeAsync(() => _disks.CreateAsync("../data", MiB, "raw", CancellationToken.None)));
        Assert.Equal("invalid", await CodeAsync(() => _disks.CreateAsync("other", MiB, "vmdk", CancellationToken.None)));
        Assert.Equal("invalid", await CodeAsync(() => _disks.CreateAsync("other", 0, "raw", CancellationToken.None)));
        Assert.Equal(["data"], _disks.List().Select(d => d.Name));
    }

    [Fact]
    public async Task A_disk_that_cannot_be_made_leaves_nothing()
    {
        var disks = new DiskStore(_home, "no-such-qemu-img");
        Assert.Equal("tool-missing", await CodeAsync(() => disks.CreateAsync("data", MiB, "qcow2", CancellationToken.None)));
        Assert.Empty(disks.List());
        Assert.Empty(Directory.EnumerateDirectories(_home.HostDirectory));
    }

    [Theory]
    [InlineData("qcow2")]
    [InlineData("raw")]
    public async Task Grows_and_never_shrinks(string format)
    {
        if (!Need.Programs(_output, "qemu-img")) return;
        await _disks.CreateAsync("data", 2 * MiB, format, CancellationToken.None);
        Assert.Equal(5 * MiB, (await _disks.ResizeAsync("data", 5 * MiB, CancellationToken.None)).Bytes);
        Assert.Equal(5 * MiB, (await _disks.ResizeAsync("data", 5 * MiB, CancellationToken.None)).Bytes);
        var refused = await Assert.ThrowsAsync<DriverException>(() => _disks.ResizeAsync("data", 4 * MiB, CancellationToken.None));
        Assert.Equal(
            "specified size `4MiB` is less than the current disk size `5MiB`. Disk shrinking is currently unavailable", refused.Cause.Message);
        Assert.Equal("disk-not-found", await CodeAsync(() => _disks.ResizeAsync("none", MiB, CancellationToken.None)));
    }

    [Fact]
    public async Task Imports_qcow2_and_raw_by_what_the_file_is()
    {
        if (!Need.Programs(_output, "qemu-img")) return;
        await QemuImgAsync("create", "-f", "qcow2", _directory["a.img"], "8M");
        await QemuImgAsync("create", "-f", "vmdk", _directory["b.img"], "8M");
        await QemuImgAsync("create", "-f", "qcow2", "-b", _directory["a.img"], "-F", "qcow2", _directory["c.img"]);
        await File.WriteAllBytesAsync(_directory["d.img"], new byte[3 * MiB]);
        var qcow2 = await _disks.ImportAsync("a", _directory["a.img"], CancellationToken.None);
        var raw = await _disks.ImportAsync("d", _directory["d.img"], CancellationToken.None);
        Assert.Equal(("qcow2", 8 * MiB, "raw", 3 * MiB), (qcow2.Format, qcow2.Bytes, raw.Format, raw.Bytes));
        Assert.Equal(await File.ReadAllBytesAsync(_directory["a.img"]), await File.ReadAllBytesAsync(qcow2.DataDisk));
        Assert.Equal("image-format", await CodeAsync(() => _disks.ImportAsync("b", _directory["b.img"], CancellationToken.None)));
        Assert.Equal("image-unsafe", await CodeAsync(() => _disks.ImportAsync("c", _directory["c.img"], CancellationToken.None)));
        Assert.Equal("prepare-failed", await CodeAsync(() => _disks.ImportAsync("e", _directory["none"], CancellationToken.None)));
        Assert.Equal(["a", "d"], _disks.List().Select(d => d.Name));
    }

    [Fact]
    public async Task Deletes_a_disk_and_finds_one_that_is_gone_gone()
    {
        await _disks.CreateAsync("data", MiB, "raw", CancellationToken.None);
        _disks.Delete("data");
        _disks.Delete("data");
        Assert.Empty(_disks.List());
        Assert.Empty(Directory.EnumerateDirectories(_home.HostDirectory));
    }

    [Fact]
    public async Task A_damaged_disk_is_listed_as_such_and_can_be_deleted()
    {
        await _disks.CreateAsync("data", MiB, "raw", CancellationToken.None);
        var image = _disks.Require("data").DataDisk;
        File.Delete(image + ".format");
        await File.WriteAllBytesAsync(image, [(byte)'Q', (byte)'F', (byte)'I', 0xfb, 0, 0]);
        Assert.Equal("damaged", Assert.Single(_disks.List()).Format);
        Assert.Throws<DriverException>(() => _disks.Require("data"));
        _disks.Delete("data");
        Assert.Empty(_disks.List());
    }

    private static async Task<string> CodeAsync(Func<Task> action) => (await Assert.ThrowsAsync<DriverException>(action)).Cause.Code;

    private static async Task QemuImgAsync(params string[] arguments)
    {
        var result = await ProcessRunner.RunAsync(new ProcessSpec("qemu-img", [.. arguments]), TimeSpan.FromSeconds(60), CancellationToken.None);
        Assert.True(result.ExitCode == 0, result.Error);
    }
}
