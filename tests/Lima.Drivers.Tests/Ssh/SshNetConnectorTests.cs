using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Lima.Domain.Vms;
using Lima.Drivers.Ssh;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Drivers.Tests.Ssh;

public sealed class SshNetConnectorTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private readonly SshNetConnector _connector = new();

    [Fact]
    public async Task A_command_reports_its_output_and_its_exit_code()
    {
        await using var server = await SshServer.StartAsync(output);
        if (server is null) return;
        await using var session = await _connector.ConnectAsync(server.Target, CancellationToken.None);
        Assert.Equal(new SshResult(0, "out\n", "err\n", false), await ExecAsync(session, "echo out; echo err >&2"));
        Assert.Equal(new SshResult(7, "", "", false), await ExecAsync(session, "exit 7"));
        Assert.Null((await ExecAsync(session, "kill -9 $$")).ExitCode);
        Assert.False(session.Closed.IsCompleted);
    }

    [Fact]
    public async Task Output_is_cut_at_its_bound_and_the_command_goes_on()
    {
        await using var server = await SshServer.StartAsync(output);
        if (server is null) return;
        await using var session = await _connector.ConnectAsync(server.Target, CancellationToken.None);
        var result = await session.ExecAsync("head -c 20000000 /dev/zero | tr '\\0' x; echo oops >&2; exit 3", Long, 1000, CancellationToken.None);
        Assert.Equal(new SshResult(3, new string('x', 1000), "oops\n", true), result);
        Assert.Equal("ä", (await session.ExecAsync("printf 'äö'", Long, 3, CancellationToken.None)).Output);
        Assert.False((await session.ExecAsync("printf 1234", Long, 4, CancellationToken.None)).Truncated);
    }

    [Fact]
    public async Task More_commands_than_the_server_allows_at_once_wait_for_their_turn()
    {
        await using var server = await SshServer.StartAsync(output);
        if (server is null) return;
        await using var session = await _connector.ConnectAsync(server.Target, CancellationToken.None);
        var results = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => ExecAsync(session, $"sleep 0.1; echo {i}")));
        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"{i}\n"), results.Select(result => result.Output));
    }

    [Fact]
    public async Task A_command_that_takes_too_long_is_ended_and_the_session_stays()
    {
        await using var server = await SshServer.StartAsync(output);
        if (server is null) return;
        await using var session = await _connector.ConnectAsync(server.Target, CancellationToken.None);
        var marker = server.Directory["ended"];
        // Ends by the TERM signal, or where the server gives none (it does not to root), because nobody reads its output.
        var command = $"trap '' PIPE; trap 'echo > {marker}; exit 1' TERM; while echo tick 2> /dev/null; do sleep 0.05; done; echo > {marker}";
        var failure = await Assert.ThrowsAsync<DriverException>(
            () => session.ExecAsync(command, TimeSpan.FromSeconds(1), 100, CancellationToken.None));
        Assert.Equal("ssh-deadline", failure.Cause.Code);
        for (var attempt = 0; attempt < 200 && !File.Exists(marker); attempt++) await Task.Delay(50);
        Assert.True(File.Exists(marker), "the command was not told to end");
        Assert.Equal("still here\n", (await ExecAsync(session, "echo still here")).Output);
    }

    [Fact]
    public async Task A_command_can_be_cancelled_without_the_caller_waiting()
    {
        await using var server = await SshServer.StartAsync(output);
        if (server is null) return;
        await using var session = await _connector.ConnectAsync(server.Target, CancellationToken.None);
        using var cancel = new CancellationTokenSource();
        var running = session.ExecAsync("sleep 5", Long, 100, cancel.Token);
        await Task.Delay(200);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(0, (await ExecAsync(session, "true")).ExitCode);
    }

    [Fact]
    public async Task A_server_with_another_host_key_is_refused()
    {
        await using var server = await SshServer.StartAsync(output);
        if (server is null) return;
        var other = File.ReadAllText(server.Directory["stranger.pub"]).Trim();
        var failure = await Assert.ThrowsAsync<DriverException>(
            () => _connector.ConnectAsync(server.Target with { HostKey = other }, CancellationToken.None));
        Assert.Equal("ssh-host-key", failure.Cause.Code);
        Assert.Contains($"{server.Target.Port}", failure.Message, StringComparison.Ordinal);
        failure = await Assert.ThrowsAsync<DriverException>(
            () => _connector.ConnectAsync(server.Target with { HostKey = "" }, CancellationToken.None));
        Assert.Equal("ssh-host-key", failure.Cause.Code);
    }

    [Fact]
    public async Task A_key_that_the_server_does_not_know_is_refused()
    {
        await using var server = await SshServer.StartAsync(output);
        if (server is null) return;
        var failure = await Assert.ThrowsAsync<DriverException>(
            () => _connector.ConnectAsync(server.Target with { PrivateKey = server.Directory["stranger"] }, CancellationToken.None));
        Assert.Equal("ssh-key-refused", failure.Cause.Code);
        Assert.Contains(server.Directory["stranger"], failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_private_key_that_cannot_be_read_is_named()
    {
        await using var server = await SshServer.StartAsync(output);
        if (server is null) return;
        foreach (var file in new[] { "missing", "sshd_config" })
        {
            var failure = await Assert.ThrowsAsync<DriverException>(
                () => _connector.ConnectAsync(server.Target with { PrivateKey = server.Directory[file] }, CancellationToken.None));
            Assert.Equal("ssh-private-key", failure.Cause.Code);
            Assert.Contains(server.Directory[file], failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_a_failure_that_names_it()
    {
        using var directory = new TemporaryDirectory();
        if (!Need.Programs(output, "ssh-keygen")) return;
        var key = await SshServer.MakeKeyAsync(directory, "user");
        var target = new SshTarget("127.0.0.1", FreePort.Choose(), "nobody", directory["user"], key);
        var failure = await Assert.ThrowsAsync<DriverException>(() => _connector.ConnectAsync(target, CancellationToken.None));
        Assert.Equal(VmCauses.SshDown, failure.Cause.Code);
        Assert.Contains($"{target.Port}", failure.Message, StringComparison.Ordinal);
        Assert.False(await _connector.AnswersAsync(target, Long, CancellationToken.None));
    }

    [Fact]
    public async Task A_login_can_be_cancelled_while_the_server_is_mute()
    {
        if (!Need.Programs(output, "ssh-keygen")) return;
        using var directory = new TemporaryDirectory();
        using var mute = new TcpListener(IPAddress.Loopback, 0);
        mute.Start();
        var target = new SshTarget(
            "127.0.0.1", ((IPEndPoint)mute.LocalEndpoint).Port, "nobody", directory["user"], await SshServer.MakeKeyAsync(directory, "user"));
        using var cancel = new CancellationTokenSource(200);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _connector.ConnectAsync(target, cancel.Token).WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task A_ping_notices_a_server_that_hangs_and_one_that_is_back()
    {
        await using var server = await SshServer.StartAsync(output);
        if (server is null) return;
        await using var session = await _connector.ConnectAsync(server.Target, CancellationToken.None);
        await session.PingAsync(Long, CancellationToken.None);
        server.Freeze();
        var failure = await Assert.ThrowsAsync<DriverException>(() => session.PingAsync(TimeSpan.FromSeconds(1), CancellationToken.None));
        Assert.Equal("ssh-mute", failure.Cause.Code);
        server.Thaw();
        await session.PingAsync(Long, CancellationToken.None);
        Assert.Equal("ok\n", (await ExecAsync(session, "echo ok")).Output);
    }

    [Fact]
    public async Task Leaving_a_server_that_hangs_takes_no_time()
    {
        await using var server = await SshServer.StartAsync(output);
        if (server is null) return;
        var session = await _connector.ConnectAsync(server.Target, CancellationToken.None);
        var running = session.ExecAsync("sleep 60", TimeSpan.FromMinutes(5), 100, CancellationToken.None);
        await Task.Delay(200);
        server.Freeze();
        await session.DisposeAsync().AsTask().WaitAsync(Long);
        await session.DisposeAsync();
        Assert.True(session.Closed.IsCompleted);
        var failure = await Assert.ThrowsAsync<DriverException>(() => running.WaitAsync(Long));
        Assert.Equal(VmCauses.SshDown, failure.Cause.Code);
        failure = await Assert.ThrowsAsync<DriverException>(() => ExecAsync(session, "true"));
        Assert.Equal(VmCauses.SshDown, failure.Cause.Code);
    }

    [Fact]
    public async Task A_session_whose_server_is_killed_is_known_to_be_closed()
    {
        await using var server = await SshServer.StartAsync(output);
        if (server is null) return;
        await using var session = await _connector.ConnectAsync(server.Target, CancellationToken.None);
        var running = session.ExecAsync("sleep 60", TimeSpan.FromMinutes(5), 100, CancellationToken.None);
        await Task.Delay(200);
        server.Kill();
        await session.Closed.WaitAsync(Long);
        var failure = await Assert.ThrowsAsync<DriverException>(() => running.WaitAsync(Long));
        Assert.Equal(VmCauses.SshDown, failure.Cause.Code);
        failure = await Assert.ThrowsAsync<DriverException>(() => session.PingAsync(Long, CancellationToken.None));
        Assert.Equal(VmCauses.SshDown, failure.Cause.Code);
    }

    [Fact]
    public async Task An_idle_session_whose_server_is_killed_is_known_to_be_closed()
    {
        await using var server = await SshServer.StartAsync(output);
        if (server is null) return;
        await using var session = await _connector.ConnectAsync(server.Target, CancellationToken.None);
        server.Kill();
        await session.Closed.WaitAsync(Long);
        Assert.True(session.Closed.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Only_a_port_that_greets_as_SSH_answers()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var target = new SshTarget("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, "nobody", "", "");
        // Mute: the kernel accepts, and nobody says a word.
        Assert.False(await _connector.AnswersAsync(target, TimeSpan.FromMilliseconds(300), CancellationToken.None));
        (await listener.AcceptTcpClientAsync()).Dispose();
        Assert.False(await AnswersWhenToldAsync(listener, target, "HTTP/1.1 400 Bad Request\r\n\r\n"));
        Assert.False(await AnswersWhenToldAsync(listener, target, ""));
        Assert.False(await AnswersWhenToldAsync(listener, target, new string('x', 100_000)));
        Assert.True(await AnswersWhenToldAsync(listener, target, "SSH-2.0-Test\r\n"));
        Assert.True(await AnswersWhenToldAsync(listener, target, "Welcome\r\nSSH-2.0-Test\r\n"));
    }

    [Fact]
    public async Task A_session_knows_how_long_ago_something_was_answered()
    {
        await using var server = await SshServer.StartAsync(output);
        if (server is null) return;
        await using var session = await _connector.ConnectAsync(server.Target, CancellationToken.None);
        var time = TimeProvider.System;
        var before = time.GetTimestamp();
        await ExecAsync(session, "true");
        var after = time.GetTimestamp();
        Assert.True(session.Silence <= time.GetElapsedTime(before));
        await Task.Delay(50);
        var longest = time.GetElapsedTime(after);
        Assert.True(session.Silence >= longest);
        await session.PingAsync(Long, CancellationToken.None);
        Assert.True(session.Silence <= time.GetElapsedTime(after) - longest);
    }

    [Fact]
    public async Task Asking_can_be_cancelled()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var target = new SshTarget("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, "nobody", "", "");
        using var cancel = new CancellationTokenSource(100);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _connector.AnswersAsync(target, Long, cancel.Token));
    }

    [Fact]
    public async Task OpenSSH_logs_in_with_the_files_written_for_it_and_refuses_another_host_key()
    {
        await using var server = await SshServer.StartAsync(output);
        if (server is null || !Need.Programs(output, "ssh")) return;
        var directory = new Lima.Drivers.Instances.InstanceDirectory(VmName.Parse("my.vm"), server.Directory["a 100% b"]);
        Directory.CreateDirectory(directory.Path);
        var spec = CloudInit.Seeds.Spec with { User = CloudInit.Seeds.Spec.User with { Name = server.Target.User } };
        File.WriteAllText(directory.SshConfig, SshConfigFile.Text(directory, spec, server.Target.PrivateKey, server.Target.Port, SshConfigFile.AesIsFast));
        File.WriteAllText(directory.KnownHosts, KnownHosts.Text(directory.Name, server.Target.HostKey));
        Assert.Equal((0, "hello\n"), await OpenSshAsync(directory.SshConfig, "echo hello"));

        File.WriteAllText(directory.KnownHosts, KnownHosts.Text(directory.Name, File.ReadAllText(server.Directory["stranger.pub"])));
        Assert.Equal((255, ""), await OpenSshAsync(directory.SshConfig, "echo hello"));
    }

    private static async Task<(int ExitCode, string Output)> OpenSshAsync(string config, string command)
    {
        // Without a shared connection, which would outlive the test.
        string[] arguments = ["-F", config, "-o", "ControlMaster=no", "-o", "ControlPath=none", "lima-my-vm", command];
        var start = new ProcessStartInfo("ssh", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, text);
    }

    private async Task<bool> AnswersWhenToldAsync(TcpListener listener, SshTarget target, string greeting)
    {
        var answers = _connector.AnswersAsync(target, Long, CancellationToken.None);
        using (var client = await listener.AcceptTcpClientAsync())
        {
            await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(greeting));
        }

        return await answers;
    }

    private static Task<SshResult> ExecAsync(ISshSession session, string command) =>
        session.ExecAsync(command, Long, 10_000, CancellationToken.None);
}
