using Lima.Drivers.Disks;
using Lima.Drivers.Instances;
using Lima.Testing;

namespace Lima.Drivers.Tests.Disks;

/// <summary>Who has a disk: the kernel's word, never a link's.</summary>
public sealed class DiskUseTests : IDisposable
{
    private const long MiB = 1 << 20;
    private readonly TemporaryDirectory _directory = new();
    private readonly LimaHome _home;
    private readonly DiskStore _disks;
    private readonly string _web, _shop;

    public DiskUseTests()
    {
        _home = new LimaHome(_directory.Path);
        _disks = new DiskStore(_home);
        (_web, _shop) = (Path.Combine(_home.Path, "web"), Path.Combine(_home.Path, "shop"));
    }

    public void Dispose() => _directory.Dispose();

    private string Link(string disk) => Path.Combine(_home.Path, "_disks", disk, "in_use_by");

    private Task<StoredDisk> MakeAsync(string name) => _disks.CreateAsync(name, MiB, "raw", CancellationToken.None);

    [Fact]
    public async Task A_free_disk_is_taken_and_the_link_names_who_has_it()
    {
        await MakeAsync("data");
        using (var use = _disks.Take(["data"], _web))
        {
            Assert.Equal(["data"], use.Disks.Select(d => d.Name));
            Assert.Equal(_web, new FileInfo(Link("data")).LinkTarget);
            Assert.Equal("web", _disks.Require("data").Instance);
            Refused(_shop, "disk `data` is in use by instance `web`");
            Refused(_web, "disk `data` is in use by instance `web`");
        }

        // Nobody opened it, so nobody has it.
        Assert.False(Path.Exists(Link("data")));
        Assert.Null(_disks.Require("data").Holder);
        _disks.Take(["data"], _shop).Dispose();
    }

    [Fact]
    public async Task A_disk_that_is_open_stays_taken_after_its_launch_and_is_free_when_it_is_closed()
    {
        var disk = await MakeAsync("data");
        var use = _disks.Take(["data"], _web);
        using (new HeldImage(disk.DataDisk))
        {
            use.Dispose();
            Assert.Equal("web", _disks.Require("data").Instance);
            // Another program's word: a host that knows of no launch.
            Assert.Equal("web", new DiskStore(_home).Require("data").Instance);
            Refused(_shop, "disk `data` is in use by instance `web`");
            Assert.Equal("disk-in-use", Assert.Throws<DriverException>(() => _disks.Unlock("data")).Cause.Code);
            Assert.Equal("disk-in-use", (await Assert.ThrowsAsync<DriverException>(() => _disks.ResizeAsync("data", 2 * MiB, CancellationToken.None))).Cause.Code);
            _disks.ReleaseAll(_web);
            Assert.Equal(_web, new FileInfo(Link("data")).LinkTarget);
        }

        Assert.Equal((null as DiskHolder, _web), (_disks.Require("data").Holder, _disks.Require("data").StaleLink));
        _disks.ReleaseAll(_shop);
        Assert.Equal(_web, _disks.Require("data").StaleLink);
        _disks.ReleaseAll(_web);
        Assert.Null(_disks.Require("data").StaleLink);
    }

    [Fact]
    public async Task A_link_that_was_left_behind_is_taken_over_and_can_be_removed()
    {
        await MakeAsync("data");
        File.CreateSymbolicLink(Link("data"), _web);
        Assert.Null(_disks.Require("data").Holder);
        using (_disks.Take(["data"], _shop)) Assert.Equal("shop", _disks.Require("data").Instance);
        File.CreateSymbolicLink(Link("data"), _web);
        Assert.True(_disks.Unlock("data"));
        Assert.False(_disks.Unlock("data"));
    }

    [Fact]
    public async Task Several_disks_are_taken_all_or_none()
    {
        await MakeAsync("a");
        var held = await MakeAsync("b");
        using (new HeldImage(held.DataDisk))
        {
            var refused = Assert.Throws<DriverException>(() => _disks.Take(["a", "b"], _web));
            Assert.Equal("disk `b` is in use by another program", refused.Cause.Message);
        }

        Assert.False(Path.Exists(Link("a")));
        var missing = Assert.Throws<DriverException>(() => _disks.Take(["a", "none"], _web));
        Assert.Equal(("disk-not-found", "disk `none` does not exist"), (missing.Cause.Code, missing.Cause.Message));
        Assert.Contains("limactl disk create none --size", missing.Cause.Hint, StringComparison.Ordinal);
        Assert.Null(_disks.Require("a").Holder);
    }

    private void Refused(string instance, string message)
    {
        var refused = Assert.Throws<DriverException>(() => _disks.Take(["data"], instance));
        Assert.Equal(("disk-in-use", message), (refused.Cause.Code, refused.Cause.Message));
    }
}
