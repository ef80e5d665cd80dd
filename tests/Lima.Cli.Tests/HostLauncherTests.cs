using System.Diagnostics;
using System.Net.Sockets;
using Lima.Cli.Tests.Support;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Cli.Tests;

public sealed class HostLauncherTests(ITestOutputHelper output) : IDisposable
{
    private readonly CliRun _cli = new();

    public void Dispose() => _cli.Dispose();

    private string Program(string text)
    {
        var path = Path.Combine(_cli.Path, "fake-host");
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _cli.Environment["LIMA_HOST_BINARY"] = path;
        return path;
    }

    [Fact]
    public async Task A_missing_host_program_is_named()
    {
        _cli.Environment["LIMA_HOST_BINARY"] = "/nowhere/lima-host";
        var result = await _cli.LimactlAsync("list");
        Assert.Equal(1, result.Exit);
        Assert.Contains("the host program `/nowhere/lima-host` does not exist", result.Error);
    }

    [Fact]
    public async Task A_host_that_ends_at_once_is_reported_with_its_last_words()
    {
        Directory.CreateDirectory(Path.Combine(_cli.Home, "_host"));
        File.WriteAllText(Path.Combine(_cli.Home, "_host/host.log"), "old line\n");
        Program("#!/bin/sh\necho 'cannot open journal: \e[31mdisk full' >&2\nexit 3\n");
        var result = await _cli.LimactlAsync("list");
        Assert.Equal(1, result.Exit);
        Assert.Contains("the host ended at once with exit status 3", result.Error);
        Assert.Contains("cannot open journal: disk full", result.Error);
        Assert.DoesNotContain("old line", result.Error);
    }

    [Fact]
    public async Task A_home_with_a_path_too_long_for_a_socket_is_refused()
    {
        _cli.Environment["LIMA_HOME"] = Path.Combine(_cli.Path, new string('x', 120));
        var result = await _cli.LimactlAsync("list");
        Assert.Equal(1, result.Exit);
        Assert.Contains("bytes long; the system allows 107 (hint: set LIMA_HOME to a shorter path)", result.Error);
    }

    [Fact]
    public async Task Ten_commands_at_once_end_with_one_host_in_a_private_directory()
    {
        if (!Need.Programs(output, "python3", "setsid")) return;
        var home = Path.Combine(_cli.Path, "new");
        _cli.Environment["LIMA_HOME"] = home;
        Program($$"""
            #!/usr/bin/env python3
            import fcntl, os, socket, sys, time
            base = os.environ["LIMA_HOME"] + "/_host/"
            lock = open(base + "host.lock", "w")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                print("already running")
                sys.exit(0)
            with open(base + "pids", "a") as pids:
                pids.write("%d %d\n" % (os.getpid(), os.getsid(0)))
            time.sleep(0.3)
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(base + "api.sock")
            listener.listen(64)
            listener.settimeout(30)
            for _ in range(10):
                client, _ = listener.accept()
                client.recv(65536)
                body = b'{"instances":[]}'
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
                client.close()

            """);
        var results = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(() => _cli.LimactlAsync("list", "-q"))));
        Assert.All(results, result => Assert.Equal(0, result.Exit));
        var hosts = File.ReadAllLines(Path.Combine(home, "_host/pids"));
        var ids = Assert.Single(hosts).Split(' ');
        Assert.Equal(ids[0], ids[1]);
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Assert.Equal(ownerOnly, File.GetUnixFileMode(home));
        Assert.Equal(ownerOnly, File.GetUnixFileMode(Path.Combine(home, "_host")));
    }

    [Fact]
    public async Task A_command_that_meets_a_host_making_way_for_the_next_is_repeated()
    {
        var asked = 0;
        using var host = new FakeHost(_cli.Home, _ => Interlocked.Increment(ref asked) < 3
            ? FakeReply.Error(503, "host-restarting", "the event journal was damaged while the host ran", "repeat the command")
            : Views.List(Views.Instance("web")));
        var result = await _cli.LimactlAsync("list", "-q");
        Assert.Equal((0, "web\n", ""), (result.Exit, result.Out, result.Error));
    }

    [Fact]
    public async Task Other_refusals_of_a_busy_host_are_told_at_once()
    {
        using var host = new FakeHost(_cli.Home, _ => FakeReply.Error(503, "journal-unavailable", "the event journal cannot be written", "check free space"));
        var result = await _cli.LimactlAsync("list", "-q");
        Assert.Equal(1, result.Exit);
        Assert.Contains("the event journal cannot be written (hint: check free space)", result.Error);
        Assert.Single(host.Requests);
    }

    [Fact]
    public async Task No_command_that_only_looks_starts_a_host()
    {
        var mark = Path.Combine(_cli.Path, "started");
        Program($"#!/bin/sh\ntouch {mark}\nexit 1\n");
        Assert.Equal(1, (await _cli.LimactlAsync("host", "status")).Exit);
        Assert.Equal(0, (await _cli.LimactlAsync("host", "stop")).Exit);
        Assert.Equal(0, (await _cli.LimactlAsync("info")).Exit);
        Assert.Equal(0, (await _cli.LimactlAsync("__complete", "stop", "")).Exit);
        Assert.False(File.Exists(mark));
    }

    /// <summary>A reader that goes away ends the program as it ends every other.</summary>
    [Fact]
    public async Task Writing_to_a_closed_pipe_ends_quietly()
    {
        var binary = Path.Combine(AppContext.BaseDirectory, "limactl");
        using var process = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", "for i in $(seq 200); do \"$0\" --help || exit; break; done | true; echo \"${PIPESTATUS[0]}\"", binary])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = await process.StandardError.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30));
        var status = await process.StandardOutput.ReadToEndAsync();
        Assert.Equal("", error);
        Assert.Contains(status.Trim(), new[] { "0", "141" });
    }

    /// <summary>A host that is just ending accepts and hangs up: an answer that did not come, and no reason to be killed by a signal.</summary>
    [Fact]
    public async Task A_host_that_hangs_up_ends_no_command_by_a_signal()
    {
        var binary = Path.Combine(AppContext.BaseDirectory, "limactl");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        Directory.CreateDirectory(Path.Combine(_cli.Home, "_host"));
        listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(_cli.Home, "_host/api.sock")));
        listener.Listen(64);
        using var stop = new CancellationTokenSource();
        var hangUp = Task.Run(async () =>
        {
            while (true) (await listener.AcceptAsync(stop.Token)).Dispose();
        });
        for (var i = 0; i < 8; i++)
        {
            var start = new ProcessStartInfo(binary, ["host", "status"]) { RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment["LIMA_HOME"] = _cli.Home;
            using var process = Process.Start(start)!;
            await process.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60));
            await process.WaitForExitAsync();
            Assert.Equal(1, process.ExitCode);
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hangUp);
    }
}
