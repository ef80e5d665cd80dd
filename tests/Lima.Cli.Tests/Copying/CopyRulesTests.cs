using Lima.Cli.Copying;

namespace Lima.Cli.Tests.Copying;

/// <summary>The rules of copies, without copying.</summary>
public sealed class CopyRulesTests
{
    [Theory]
    [InlineData("web:/tmp/a", "web", "/tmp/a")]
    [InlineData("web:", "web", "")]
    [InlineData("web:a:b", "web", "a:b")]
    [InlineData("web:~", "web", "")]
    [InlineData("web:~/x y", "web", "x y")]
    [InlineData("web:~bob/x", "web", "~bob/x")]
    [InlineData("file", null, "file")]
    [InlineData("./a:b", null, "./a:b")]
    [InlineData("/srv/a:b", null, "/srv/a:b")]
    public void An_operand_is_divided_at_the_first_colon(string text, string? instance, string path) =>
        Assert.Equal(new CopyOperand(instance, path), CopyOperand.Parse(text));

    // Sources and target as a user writes them; what is a directory ends in `|`.
    [Theory]
    [InlineData("foo|", "web:foo", "foo/ → foo")]
    [InlineData("foo/|", "web:foo", "foo/ → foo")]
    [InlineData("foo|", "web:new/", "foo/ → new/")]
    [InlineData("foo|", "web:there|", "foo → there/")]
    [InlineData("foo/|", "web:there|", "foo → there/")]
    [InlineData("foo|", "web:there/|", "foo → there/")]
    [InlineData("foo/|", "web:there/|", "foo → there/")]
    [InlineData("web:foo/|", "there", "foo/ → there")]
    [InlineData("web:foo/|", "there|", "foo → there/")]
    [InlineData("file", "web:name", "file → name")]
    [InlineData("file", "web:|", "file → ")]
    [InlineData("file other foo/|", "web:there|", "file other foo → there/")]
    [InlineData("web:*.txt", "there|", "*.txt → there/")]
    [InlineData("web:*.txt", "there", "*.txt → there")]
    [InlineData("/|", "web:there|", "/ → there/")]
    public void Slashes_make_rsync_do_as_scp_does(string sources, string target, string plan)
    {
        var made = CopyLayout.ForRsync([.. sources.Split(' ').Select(Side)], Side(target), recursive: true);
        Assert.Equal(plan, $"{string.Join(' ', made.Sources.Select(source => source.Path))} → {made.Target.Path}");
    }

    [Theory]
    [InlineData("foo|", "web:x", false, "`foo` is a directory")]
    [InlineData("a b", "web:x", true, "`x` is not a directory")]
    [InlineData("a", "web:x/", true, "`x/` is not a directory")]
    public void What_scp_would_refuse_is_refused(string sources, string target, bool recursive, string message)
    {
        var refused = Assert.Throws<CliException>(() => CopyLayout.ForRsync([.. sources.Split(' ').Select(Side)], Side(target), recursive));
        Assert.StartsWith(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_guest_is_asked_once_for_all()
    {
        string[] paths = ["", "/a b", "x'y", "~bob/z", "-d", "~$(reboot)"];
        Assert.Equal(
            "command -v rsync >/dev/null 2>&1 && echo rsync; [ -d . ] && echo 0; [ -d '/a b' ] && echo 1; [ -d './x'\"'\"'y' ] && echo 2; "
            + "[ -d ~bob/z ] && echo 3; [ -d ./-d ] && echo 4; [ -d './~$(reboot)' ] && echo 5; :",
            GuestLook.Script(paths));
        var look = GuestLook.Read("Welcome!\nrsync\n1\n3\n99\n", paths);
        Assert.True(look.HasRsync);
        Assert.Equal(["/a b", "~bob/z"], look.Directories);
        Assert.False(GuestLook.Read("0\n", paths).HasRsync);
    }

    [Fact]
    public void A_command_survives_how_rsync_splits_it() =>
        Assert.Equal("ssh -F '/a b/it''s/ssh.config'", Rsync.RemoteShell(["ssh", "-F", "/a b/it's/ssh.config"]));

    private static CopySide Side(string text) => new(CopyOperand.Parse(text.TrimEnd('|')), text.EndsWith('|'));
}
