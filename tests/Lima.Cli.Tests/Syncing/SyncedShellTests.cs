using Lima.Cli.Tests.Support;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Cli.Tests.Syncing;

/// <summary><c>limactl shell --sync</c> with real copies; the guest is a directory of this machine.</summary>
public sealed class SyncedShellTests : IDisposable
{
    private readonly CliRun _cli = new();
    private readonly LocalGuest _guest;
    private readonly bool _able;
    private string _directory;

    public SyncedShellTests(ITestOutputHelper output)
    {
        _able = Need.Programs(output, "rsync", "diff");
        _guest = new LocalGuest(_cli);
        _guest.Instance("web");
        _directory = Made("pro ject 'a' \"b\"");
    }

    public void Dispose()
    {
        _guest.Dispose();
        _cli.Dispose();
    }

    [Fact]
    public async Task What_the_command_changed_is_there_afterwards_and_the_copy_is_gone()
    {
        if (!_able) return;
        File.SetUnixFileMode(At("keep"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var result = await ShellAsync(
            "pwd > where; echo new > foo; rm bar; mkdir -p d/e; echo x > d/e/f; ln -snf foo link; chmod 755 keep; cp keep tool; chmod 6755 tool");
        Assert.True(result.Exit == 0, result.Error);
        var there = (await File.ReadAllTextAsync(At("where"))).Trim();
        Assert.Equal(_guest.Home + _directory, there);
        Assert.Equal(["d", "d/e", "d/e/f", "foo", "keep", "link", "tool", "where"], LocalGuest.Tree(_directory));
        Assert.Equal("new\n", await File.ReadAllTextAsync(At("foo")));
        Assert.Equal("foo", new FileInfo(At("link")).LinkTarget);
        const UnixFileMode Usual = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead
            | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        Assert.Equal(Usual, File.GetUnixFileMode(At("keep")));
        // A program that takes on its owner's rights is nothing that a guest may leave here.
        Assert.Equal(Usual, File.GetUnixFileMode(At("tool")));
        Assert.False(Directory.Exists(there));
        Assert.True(Directory.Exists(Path.GetDirectoryName(there)));
        Assert.Contains("Successfully synced back the changes to host.", result.Error);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(255)]
    public async Task A_command_that_fails_has_its_changes_brought_back_too(int status)
    {
        if (!_able) return;
        var result = await ShellAsync($"echo new > foo; exit {status}");
        Assert.Equal(status, result.Exit);
        Assert.Equal("new\n", await File.ReadAllTextAsync(At("foo")));
        Assert.False(Directory.Exists(_guest.Home + _directory));
    }

    [Fact]
    public async Task A_user_may_look_at_the_changes_and_refuse_them()
    {
        if (!_able) return;
        var shown = Path.Combine(_cli.Path, "shown");
        _cli.Environment["PAGER"] = _guest.Program("pager", $"cat > '{shown}'");
        _cli.Input = "what?\n3\nno\n";
        var result = await ShellAsync("echo new > foo; printf 'a\\033]0;title\\007' > bar; rm keep; exit 3", "--tty");
        Assert.Equal(3, result.Exit);
        Assert.Contains("Accept the changes? (added: 0, deleted: 1, modified: 2, metadata: ", result.Error);
        Assert.Contains("Skipping syncing back the changes to host.", result.Error);
        Assert.Equal("foo", await File.ReadAllTextAsync(At("foo")));
        Assert.False(Directory.Exists(_guest.Home + _directory));
        var text = await File.ReadAllTextAsync(shown);
        Assert.Contains("*deleting", text);
        Assert.Contains("\e[32m+new\e[0m", text);
        Assert.Contains("\\x1b]0;title\\x07", text);
        Assert.Empty(Directory.GetDirectories(Path.GetTempPath(), "lima-guest-synced-*"));
    }

    [Fact]
    public async Task A_user_may_accept_and_is_not_asked_about_nothing()
    {
        if (!_able) return;
        _cli.Input = "\n";
        Assert.Equal(0, (await ShellAsync("echo new > foo", "--tty")).Exit);
        Assert.Equal("new\n", await File.ReadAllTextAsync(At("foo")));
        _cli.Input = "";
        var same = await ShellAsync("true", "--tty");
        Assert.Equal(0, same.Exit);
        Assert.Contains("No changes detected", same.Error);
        Assert.False(Directory.Exists(_guest.Home + _directory));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(7, 7)]
    public async Task What_could_not_be_brought_back_is_kept_and_its_place_told(int status, int exit)
    {
        if (!_able) return;
        // The second copy fails.
        _guest.Program("rsync", $"[ ! -e '{_cli.Path}/once' ] || exit 23; touch '{_cli.Path}/once'; exec /usr/bin/rsync \"$@\"");
        var result = await ShellAsync($"echo new > foo; exit {status}");
        Assert.Equal(exit, result.Exit);
        Assert.Contains($"the guest's copy is kept in `{_guest.Home}{_directory}`".Replace("\"", "\\\""), result.Error);
        Assert.Equal("new\n", await File.ReadAllTextAsync($"{_guest.Home}{_directory}/foo"));
        Assert.Equal("foo", await File.ReadAllTextAsync(At("foo")));

        File.Delete(Path.Combine(_guest.Bin, "rsync"));
        var again = await ShellAsync("true");
        Assert.Contains("replacing what an earlier shell has left", again.Error);
    }

    [Fact]
    public async Task Nobody_answering_keeps_the_copy()
    {
        if (!_able) return;
        var result = await ShellAsync("echo new > foo", "--tty");
        Assert.Equal(1, result.Exit);
        Assert.Contains("is kept in", result.Error);
        Assert.Equal("foo", await File.ReadAllTextAsync(At("foo")));
    }

    [Fact]
    public async Task What_cannot_be_is_refused_before_anything_is_copied()
    {
        Assert.Contains("cannot use `--workdir` and `--sync` at the same time", (await _cli.LimactlAsync("shell", "--sync", _directory, "--workdir", "/", "web")).Error);
        Assert.Contains("to be at least 4, only got 2", (await _cli.LimactlAsync("shell", "--sync=/usr", "web")).Error);
        Assert.Contains("is not a directory", (await _cli.LimactlAsync("shell", "--sync", "/no/such/place", "web")).Error);
        if (_able)
        {
            _guest.Instance("web", "mounts:\n- location: /src\n");
            Assert.Contains("cannot use `--sync` when the instance has host mounts configured", (await ShellAsync("true")).Error);
        }

        _cli.Environment["PATH"] = _guest.Bin;
        Assert.Contains("rsync is required for `--sync` but not found", (await ShellAsync("true")).Error);
        Assert.False(Directory.Exists(_guest.Home + _directory));
    }

    private Task<CliResult> ShellAsync(string script, params string[] flags)
    {
        _cli.WorkingDirectory = _directory;
        return _cli.LimactlAsync(["shell", "--sync", ".", .. flags, "web", "sh", "-c", script]);
    }

    private string At(string name) => Path.Combine(_directory, name);

    private string Made(string name)
    {
        _directory = Directory.CreateDirectory(Path.Combine(_cli.Path, "deep", name)).FullName;
        foreach (var file in new[] { "foo", "bar", "keep" }) File.WriteAllText(At(file), file);
        return _directory;
    }
}
