using Lima.Cli.Output;
using Lima.Cli.Syncing;

namespace Lima.Cli.Tests.Syncing;

public sealed class SyncRulesTests
{
    [Theory]
    [InlineData("/Users/jan/proj", 4)]
    [InlineData("/Users/jan", 3)]
    [InlineData("//Users//jan/", 3)]
    [InlineData("/", 1)]
    public void Depth_counts_components_with_the_root(string path, int depth) => Assert.Equal(depth, SyncRules.Depth(path));

    [Fact]
    public void What_is_near_to_the_root_is_refused()
    {
        SyncRules.CheckDepth("/Users/jan/proj");
        var refused = Assert.Throws<CliException>(() => SyncRules.CheckDepth("/Users/jan"));
        Assert.Equal("expected the depth of the host working directory (`/Users/jan`) to be at least 4, only got 3", refused.Message);
    }

    [Theory]
    [InlineData(">f+++++++++ new file.txt", 1, 0, 0, 0)]
    [InlineData("cd+++++++++ new dir/", 1, 0, 0, 0)]
    [InlineData("cL+++++++++ link -> target", 1, 0, 0, 0)]
    [InlineData("*deleting   gone.txt", 0, 1, 0, 0)]
    [InlineData(".d..t...... ./", 0, 0, 0, 1)]
    [InlineData(".f...p..... run.sh", 0, 0, 0, 1)]
    [InlineData("<f..T...... file", 0, 0, 1, 0)]
    [InlineData(">f.st...... file", 0, 0, 1, 0)]
    [InlineData("cLc.t...... link -> other", 0, 0, 1, 0)]
    [InlineData(".f          same", 0, 0, 0, 0)]
    [InlineData("sending incremental file list", 0, 0, 0, 0)]
    [InlineData("", 0, 0, 0, 0)]
    public void Items_are_counted_by_what_happens_to_them(string line, int added, int deleted, int modified, int metadata)
    {
        Assert.Equal(new SyncChanges(added, deleted, modified, metadata), SyncChanges.Parse(line));
        Assert.Equal(new SyncChanges(2 * added, 2 * deleted, 2 * modified, 2 * metadata), SyncChanges.Parse($"{line}\n{line}\n"));
    }

    [Fact]
    public void Counts_are_shown_in_one_line()
    {
        Assert.Equal("added: 1, deleted: 2, modified: 3, metadata: 4", new SyncChanges(1, 2, 3, 4).ToString());
        Assert.True(SyncChanges.Parse("").None);
        Assert.False(new SyncChanges(0, 0, 0, 1).None);
    }

    [Theory]
    [InlineData(null, null, "less -R")]
    [InlineData("  ", null, "less -R")]
    [InlineData("less", null, "less -R")]
    [InlineData("less -F", null, "less -F -R")]
    [InlineData("less -FR", null, "less -FR")]
    [InlineData("/usr/bin/less", "-r", "/usr/bin/less")]
    [InlineData("cat", null, "cat")]
    [InlineData("'my pager' -x", null, "my pager -x")]
    public void The_pager_is_the_users_and_shows_colours(string? pager, string? less, string words) =>
        Assert.Equal(words, string.Join(' ', Pager.Words(pager, less)));
}
