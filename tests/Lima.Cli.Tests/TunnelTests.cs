using Lima.Cli.Tests.Support;

namespace Lima.Cli.Tests;

/// <summary><c>limactl tunnel</c>, and the commands that only refuse.</summary>
public sealed class TunnelTests : IDisposable
{
    private readonly CliRun _cli = new();
    private readonly LocalGuest _guest;

    public TunnelTests() => _guest = new LocalGuest(_cli);

    public void Dispose()
    {
        _guest.Dispose();
        _cli.Dispose();
    }

    [Fact]
    public async Task Ssh_opens_the_port_and_the_user_is_told_how_to_use_it()
    {
        var directory = _guest.Instance("web");
        var log = Path.Combine(_cli.Path, "log");
        _guest.Program("ssh", $"echo \"$*\" > '{log}'");
        var result = await _cli.LimactlAsync("tunnel", "--type=socks", "--socks-port=1080", "web");
        Assert.Equal(0, result.Exit);
        Assert.Equal(
            "Set `ALL_PROXY=socks5h://127.0.0.1:1080`, etc.\nThe instance can be connected from the host as <http://lima-web.internal> via a web browser.\n", result.Out);
        Assert.Equal("level=warning msg=\"`limactl tunnel` is experimental\"\n", result.Messages);
        Assert.Equal(
            $"-F {directory}/ssh.config -o ControlMaster=no -o ControlPath=none -o ExitOnForwardFailure=yes -o LogLevel=ERROR -f -N -D 127.0.0.1:1080 lima-web\n",
            await File.ReadAllTextAsync(log));
        Assert.Matches("^Set `ALL_PROXY=socks5h://127.0.0.1:[1-9][0-9]{3,4}`, etc.\n", (await _cli.LimactlAsync("tunnel", "web")).Out);
    }

    [Fact]
    public async Task The_status_of_ssh_is_returned_in_silence()
    {
        _guest.Instance("web");
        _guest.Program("ssh", "exit 255");
        var result = await _cli.LimactlAsync("tunnel", "web");
        Assert.Equal((255, ""), (result.Exit, result.Out));
        Assert.DoesNotContain("fatal", result.Error);
    }

    [Theory]
    [InlineData("unknown tunnel type: `vpn`", "--type=vpn", "web")]
    [InlineData("invalid socks port 80", "--socks-port=80", "web")]
    [InlineData("invalid socks port 65536", "--socks-port=65536", "web")]
    [InlineData("invalid socks port -1", "--socks-port=-1", "web")]
    [InlineData("instance `nope` does not exist, run `limactl create nope` to create a new instance", "nope")]
    public async Task What_cannot_be_is_refused(string message, params string[] words)
    {
        var result = await _cli.LimactlAsync(["tunnel", .. words]);
        Assert.NotEqual(0, result.Exit);
        Assert.Contains(message, result.Error);
    }

    [Theory]
    [InlineData("Running", "screenshot failed: driver `qemu` does not support screenshots", "web")]
    [InlineData("Running", "unsupported output extension `.jpg`: must be .png or .bmp", "web", "-o", "x.jpg")]
    [InlineData("Stopped", "instance `web` is not running (status: Stopped)", "web")]
    public async Task Screenshots_are_refused_as_Lima_refuses_them_with_QEMU(string status, string message, params string[] words)
    {
        using var host = new FakeHost(_cli.Home, _ => Views.One(Views.Instance("web", status)));
        var result = await _cli.LimactlAsync(["screenshot", .. words]);
        Assert.NotEqual(0, result.Exit);
        Assert.Contains(message, result.Error);
    }

    [Fact]
    public async Task Sudoers_is_for_macOS()
    {
        var result = await _cli.LimactlAsync("sudoers", "--check");
        Assert.Equal(1, result.Exit);
        Assert.Contains("sudoers command is only supported on macOS right now", result.Error);
    }

    [Theory]
    [InlineData("edit", "web")]
    [InlineData("clone", "web", "db")]
    [InlineData("rename", "web", "db")]
    [InlineData("shell", "web", "true")]
    public async Task Yes_is_deprecated_where_it_once_meant_to_start(params string[] words)
    {
        const string Warning = "--yes flag is deprecated";
        using var host = new FakeHost(_cli.Home, _ => Views.NotFound("web"));
        Assert.Contains(Warning, (await _cli.LimactlAsync([words[0], "--yes", .. words.Skip(1)])).Error);
        Assert.DoesNotContain(Warning, (await _cli.LimactlAsync([words[0], "--tty=false", .. words.Skip(1)])).Error);
    }

    [Fact]
    public async Task Yes_agrees_beforehand_to_what_a_synced_shell_brings_back() =>
        Assert.DoesNotContain("deprecated", (await _cli.LimactlAsync("shell", "--sync", _cli.Path, "--yes", "nope")).Error);
}
