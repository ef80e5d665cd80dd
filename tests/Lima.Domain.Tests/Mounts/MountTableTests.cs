using Lima.Domain.Mounts;

namespace Lima.Domain.Tests.Mounts;

public sealed class MountTableTests
{
    private const string Table = """
        24 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro
        40 24 0:35 / /src rw,relatime - 9p lima-0123456789abcdef rw,sync,dirsync,access=client,msize=131072,trans=virtio
        41 24 0:36 / /mnt/a\040b\134c ro,relatime shared:9 master:2 - virtiofs lima-fedcba9876543210 rw
        42 24 0:37 / /home/u/s rw,nosuid,nodev - fuse.sshfs :/host ro,user_id=0,group_id=0,allow_other
        43 24 0:38 / /src rw - tmpfs none rw
        44 24 0:39 / /empty rw - tmpfs  rw
        nonsense - line
        """;

    [Fact]
    public void Rows_are_read_with_their_options()
    {
        var table = MountTable.Parse(Table);
        Assert.Equal(["/", "/src", "/mnt/a b\\c", "/home/u/s", "/src", "/empty"], table.Select(row => row.MountPoint));
        Assert.Equal(["ext4", "9p", "virtiofs", "fuse.sshfs", "tmpfs", "tmpfs"], table.Select(row => row.FsType));
        Assert.Equal([false, false, true, true, false, false], table.Select(row => row.ReadOnly));
        Assert.Equal(":/host", table[3].Source);
        Assert.Equal("", table[5].Source);
        Assert.Contains("msize=131072", table[1].Options);
    }

    [Fact]
    public void Of_several_mounts_at_one_place_the_newest_is_seen()
    {
        var table = MountTable.Parse(Table);
        Assert.Equal("tmpfs", MountTable.At(table, "/src")?.FsType);
        Assert.Null(MountTable.At(table, "/other"));
    }

    [Theory]
    [InlineData(@"/a\040b", "/a b")]
    [InlineData(@"/a\134040", @"/a\040")]
    [InlineData(@"/a\303\244", "/aä")]
    [InlineData(@"/a\99", @"/a\99")]
    [InlineData(@"/a\04", @"/a\04")]
    public void Blanks_and_backslashes_are_written_in_octal(string written, string read) =>
        Assert.Equal(read, Assert.Single(MountTable.Parse($"1 2 0:1 / {written} rw - tmpfs t rw")).MountPoint);

    [Theory]
    [InlineData("")]
    [InlineData("a b c d e f")]
    [InlineData("1 2 0:1 / /x rw - tmpfs")]
    [InlineData("- - - - - - - -")]
    public void What_is_no_row_is_left_out(string text) => Assert.Empty(MountTable.Parse(text));
}
