using System.Net.Sockets;
using Lima.Cli.Tests.Support;

namespace Lima.Cli.Tests;

/// <summary><c>limactl shell --reconnect</c>.</summary>
public sealed class ReconnectTests : IDisposable
{
    private readonly CliRun _cli = new();
    private readonly LocalGuest _guest;
    private readonly string _socket;

    public ReconnectTests()
    {
        _guest = new LocalGuest(_cli);
        var directory = _guest.Instance("web");
        _socket = Path.Combine(directory, "ssh.sock");
        File.AppendAllText(Path.Combine(directory, "ssh.config"), $"  ControlPath \"{_socket}\"\n");
    }

    public void Dispose()
    {
        _guest.Dispose();
        _cli.Dispose();
    }

    [Fact]
    public async Task A_master_that_lives_is_asked_to_end()
    {
        using var master = Listening();
        var result = await _cli.LimactlAsync("shell", "--reconnect", "web", "true");
        Assert.Equal(0, result.Exit);
        Assert.Single(result.Execs);
        Assert.Contains("Exiting ssh session for the instance `web`", result.Error);
        Assert.Contains("-O exit lima-web", await File.ReadAllTextAsync(_guest.Log));
    }

    [Fact]
    public async Task A_master_that_does_not_end_is_an_error()
    {
        _guest.Program("ssh", "echo refused >&2; exit 1");
        using var master = Listening();
        var result = await _cli.LimactlAsync("shell", "--reconnect", "web", "true");
        Assert.Equal(1, result.Exit);
        Assert.Empty(result.Execs);
        Assert.Contains("cannot end the ssh session of instance `web`: refused", result.Error);
        Assert.True(File.Exists(_socket));
    }

    [Fact]
    public async Task A_socket_that_nobody_listens_at_is_removed()
    {
        Listening().Dispose();
        if (!File.Exists(_socket)) await File.WriteAllTextAsync(_socket, "");
        var result = await _cli.LimactlAsync("shell", "--reconnect", "web", "true");
        Assert.Equal(0, result.Exit);
        Assert.Contains("Removed stale ssh control socket", result.Error);
        Assert.False(File.Exists(_socket));
        Assert.False(File.Exists(_guest.Log));
    }

    [Fact]
    public async Task Without_a_master_there_is_nothing_to_end()
    {
        var result = await _cli.LimactlAsync("shell", "--reconnect", "web", "true");
        Assert.Equal((0, ""), (result.Exit, result.Error));
        Assert.Single(result.Execs);
    }

    private Socket Listening()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_socket));
        socket.Listen();
        return socket;
    }
}
