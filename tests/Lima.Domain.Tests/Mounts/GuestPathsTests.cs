using Lima.Domain.Mounts;

namespace Lima.Domain.Tests.Mounts;

/// <summary>Where the guest sees what changed on the host.</summary>
public sealed class GuestPathsTests
{
    [Theory]
    [InlineData("/Users/user/source/subdir/deep/file.txt", "/mnt/dest/subdir/deep/file.txt")]
    [InlineData("/Users/user/source", "/mnt/dest")]
    [InlineData("/Users/user/source/", "/mnt/dest")]
    [InlineData("/Users/user/source-of-others/file", null)]
    [InlineData("/Users/user", null)]
    [InlineData("/Users/user/source/special/file", "/mnt/special/file")]
    [InlineData("/Users/user/source/specials/file", "/mnt/dest/specials/file")]
    [InlineData("/private/tmp/file", "/tmp/file")]
    [InlineData("/private/tmp/inner/file", "/mnt/inner/file")]
    [InlineData("/elsewhere/file", null)]
    [InlineData("", null)]
    public void The_most_specific_location_wins_and_links_are_put_back_first(string host, string? guest) =>
        Assert.Equal(guest, GuestPaths.Of(
        [
            new WatchedDirectory("/Users/user/source", "/Users/user/source", "/mnt/dest"),
            new WatchedDirectory("/Users/user/source/special", "/Users/user/source/special", "/mnt/special"),
            new WatchedDirectory("/tmp", "/private/tmp", "/tmp"),
            new WatchedDirectory("/tmp/inner", "/private/tmp/inner", "/mnt/inner"),
        ], host));

    [Fact]
    public void The_order_of_the_mounts_does_not_matter()
    {
        WatchedDirectory outer = new("/a", "/a", "/x"), inner = new("/a/b", "/a/b", "/y");
        Assert.Equal("/y/c", GuestPaths.Of([outer, inner], "/a/b/c"));
        Assert.Equal("/y/c", GuestPaths.Of([inner, outer], "/a/b/c"));
    }

    [Fact]
    public void The_whole_host_can_be_mounted_and_the_whole_guest_be_the_place()
    {
        Assert.Equal("/mnt/etc/x", GuestPaths.Of([new WatchedDirectory("/", "/", "/mnt")], "/etc/x"));
        Assert.Equal("/x", GuestPaths.Of([new WatchedDirectory("/a", "/a", "/")], "/a/x"));
    }
}
