using Lima.Host.Memory;

namespace Lima.Host.Tests.Memory;

/// <summary>Which lines of <c>/proc/self/maps</c> name pages that can be read back from a file.</summary>
public sealed class MappedFileTests
{
    [Theory]
    [InlineData("r-xp")]
    [InlineData("r--p")]
    [InlineData("r--s")]
    public void An_unwritable_view_of_a_file_is_one(string rights)
    {
        var file = MappedFile.Parse($"7f12a000-7f12c000 {rights} 00003000 08:01 1234                     /usr/lib/a b.so (deleted)");

        Assert.Equal(new MappedFile(0x7f12a000, 0x7f12c000, rights, 0x3000, "/usr/lib/a b.so (deleted)"), file);
    }

    [Theory]
    [InlineData("7f12a000-7f12c000 rw-p 00003000 08:01 1234 /usr/lib/a.so")]
    [InlineData("7f12a000-7f12c000 rw-s 00003000 08:01 1234 /home/u/journal.db-shm")]
    [InlineData("7f12a000-7f12c000 ---p 00003000 08:01 1234 /usr/lib/a.so")]
    [InlineData("7f12a000-7f12c000 r-xs 00003000 00:01 1234 /memfd:doublemapper (deleted)")]
    [InlineData("7f12a000-7f12c000 r--s 00003000 00:01 1234 /dev/zero (deleted)")]
    [InlineData("7f12a000-7f12c000 r--p 00000000 00:00 0 [vvar]")]
    [InlineData("7f12a000-7f12c000 r--p 00000000 00:00 0")]
    [InlineData("nonsense")]
    [InlineData("")]
    public void Anything_else_is_not(string line) => Assert.Null(MappedFile.Parse(line));
}
