using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Lima.Cli.Tests.Support;

namespace Lima.Cli.Tests;

public sealed class ShellTests : IDisposable
{
    private readonly CliRun _cli = new();
    private readonly TcpListener _guest = new(IPAddress.Loopback, 0);

    public ShellTests() => _guest.Start();

    public void Dispose()
    {
        _guest.Dispose();
        _cli.Dispose();
    }

    private string Instance(string name, int? port = null)
    {
        var directory = Directory.CreateDirectory(Path.Combine(_cli.Home, name)).FullName;
        port ??= ((IPEndPoint)_guest.LocalEndpoint).Port;
        File.WriteAllText(
            Path.Combine(directory, "ssh.config"),
            $"# comment\nHost lima-{name}\n  Hostname 127.0.0.1\n  Port {port}\n  ControlPath \"{directory}/ssh.sock\"\n");
        File.WriteAllText(Path.Combine(directory, "lima.yaml"), "cpus: 1\n");
        return directory;
    }

    [Fact]
    public async Task A_reachable_guest_needs_no_host()
    {
        var directory = Instance("web");
        _cli.Environment["COLORTERM"] = "truecolor";
        _cli.Terminal = true;
        var result = await _cli.LimactlAsync("shell", "web", "uname", "-a");
        var exec = Assert.Single(result.Execs);
        Assert.Equal("/usr/bin/ssh", exec.Program);
        Assert.Equal(
            ["/usr/bin/ssh", "-F", $"{directory}/ssh.config", "-t", "-o", "SendEnv=COLORTERM", "-o", "LogLevel=ERROR", "lima-web", "--", "exec \"$SHELL\" -l -c 'uname -a'"],
            exec.Arguments);
        Assert.Equal((0, ""), (result.Exit, result.Error));
    }

    [Theory]
    [InlineData("Stopped", "instance `web` is stopped, run `limactl start web` to start the instance")]
    [InlineData("Paused", "instance `web` is paused, run `limactl resume web` to go on")]
    [InlineData("Starting", "instance `web` is still starting, run `limactl wait web --for running` first")]
    public async Task An_unreachable_guest_is_explained_by_the_host(string status, string message)
    {
        var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Dispose();
        Instance("web", port);
        using var host = new FakeHost(_cli.Home, _ => Views.One(Views.Instance("web", status)));
        var result = await _cli.LimactlAsync("shell", "web", "true");
        Assert.Equal(1, result.Exit);
        Assert.Empty(result.Execs);
        Assert.Contains(message, result.Error);
    }

    [Fact]
    public async Task A_paused_guest_is_told_although_its_port_answers()
    {
        Instance("web");
        using var host = new FakeHost(_cli.Home, _ => Views.One(Views.Instance("web", "Paused")));
        var result = await _cli.LimactlAsync("shell", "web", "true");
        Assert.Empty(result.Execs);
        Assert.Contains("instance `web` is paused", result.Error);
    }

    [Fact]
    public async Task An_unknown_instance_is_told_without_a_host()
    {
        var result = await _cli.LimactlAsync("shell", "nope", "ls");
        Assert.Equal(1, result.Exit);
        Assert.Equal("level=fatal msg=\"instance `nope` does not exist, run `limactl create nope` to create a new instance\"\n", result.Messages);
    }

    [Fact]
    public async Task Start_can_be_asked_for()
    {
        var directory = Path.Combine(_cli.Home, "web");
        Directory.CreateDirectory(directory);
        using var host = new FakeHost(_cli.Home, request =>
        {
            if (request.Path == "/v1/instances/web") return Views.One(Views.Instance("web", "Stopped"));
            if (request.Method == "POST") return Views.Accepted(Views.Instance("web", "Starting"));
            Instance("web");
            return FakeReply.Events(FakeReply.Settled(Views.Instance("web")));
        });
        var result = await _cli.LimactlAsync("shell", "--start", "web", "true");
        Assert.Single(result.Execs);
        Assert.Contains("READY", result.Error);
    }

    [Fact]
    public async Task Lima_runs_every_other_word_in_the_chosen_instance()
    {
        Instance("web");
        _cli.Environment["LIMA_INSTANCE"] = "web";
        _cli.Environment["LIMA_WORKDIR"] = "/tmp";
        Assert.Equal("cd /tmp || exit 1 ; exec \"$SHELL\" -l -c 'uname -a'", Last(await _cli.RunAsync("/usr/local/bin/lima", "uname", "-a")));
        Assert.Equal("cd /tmp || exit 1 ; exec \"$SHELL\" -l -c 'start x'", Last(await _cli.RunAsync("lima", "--", "start", "x")));
        Assert.Equal("cd / || exit 1 ; exec \"$SHELL\" -l", Last(await _cli.RunAsync("lima", "--workdir", "/")));

        static string Last(CliResult result) => Assert.Single(result.Execs).Arguments[^1];
    }

    [Theory]
    [InlineData("start")]
    [InlineData("stop")]
    [InlineData("restart")]
    [InlineData("pause")]
    [InlineData("resume")]
    public async Task Lima_passes_verbs_to_the_host_for_its_own_instance(string verb)
    {
        _cli.Environment["LIMA_INSTANCE"] = "web";
        using var host = new FakeHost(_cli.Home, request => request.Method == "POST"
            ? Views.Accepted(Views.Instance("web"))
            : request.Path.Contains("follow")
                ? FakeReply.Events(FakeReply.Settled(Views.Instance("web", verb switch { "stop" => "Stopped", "pause" => "Paused", _ => "Running" })))
                : Views.One(Views.Instance("web")));
        var result = await _cli.RunAsync("lima", verb);
        Assert.Equal(0, result.Exit);
        Assert.Contains(host.Requests, request => request.Path == $"/v1/instances/web/{verb}");
    }

    [Fact]
    public async Task Lima_has_its_own_help()
    {
        var result = await _cli.RunAsync("lima", "--help");
        Assert.Equal(0, result.Exit);
        Assert.StartsWith("lima: run a command in the instance", result.Out);
        Assert.Equal("limactl version 0.1.0\n", (await _cli.RunAsync("lima", "--version")).Out);
    }

    /// <summary>The real program, a real exec: a stand-in for ssh records what it was given and ends as it likes.</summary>
    [Fact]
    public async Task The_process_becomes_ssh_with_its_arguments_input_and_exit_status()
    {
        var directory = Instance("web");
        var bin = Directory.CreateDirectory(Path.Combine(_cli.Path, "fake")).FullName;
        var ssh = Path.Combine(bin, "ssh");
        File.WriteAllText(ssh, "#!/bin/sh\nprintf '[%s]\\n' \"$@\"\necho pid $$\ncat\nexit 42\n");
        File.SetUnixFileMode(ssh, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "limactl"), ["shell", "--workdir", "/", "web", "sh", "-c", "a b"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["LIMA_HOME"] = _cli.Home;
        start.Environment["PATH"] = bin + ":/usr/bin:/bin";
        start.Environment.Remove("COLORTERM");
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync("typed");
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30));
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(
            $"""
            [-F]
            [{directory}/ssh.config]
            [-o]
            [LogLevel=ERROR]
            [lima-web]
            [--]
            [cd / || exit 1 ; exec "$SHELL" -l -c 'sh -c '"'"'a b'"'"'']
            pid {process.Id}
            typed
            """,
            output);
        Assert.Equal(42, process.ExitCode);
    }
}
