using Lima.EndToEnd.Tests.Support;

namespace Lima.EndToEnd.Tests;

/// <summary>Files between this machine and guests, and what else goes over SSH without the host.</summary>
public sealed class CopyTests(LimaHome home) : IClassFixture<LimaHome>
{
    private readonly Limactl _cli = home.Cli;

    public static TheoryData<string, string, string> Layouts()
    {
        var all = new TheoryData<string, string, string>();
        foreach (var backend in new[] { "scp", "rsync" })
            foreach (var source in new[] { "foo", "foo/" })
                foreach (var target in new[] { "new", "there", "there/" }) all.Add(backend, source, target);
        return all;
    }

    [ProductTheory]
    [MemberData(nameof(Layouts))]
    public async Task Directories_go_to_a_guest_and_back_with_one_layout(string backend, string source, string target)
    {
        await home.RunningAsync("t1");
        var here = Directory.CreateTempSubdirectory("lc-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(here, "foo/bar"));
            Directory.CreateDirectory(Path.Combine(here, "back/there"));
            await File.WriteAllTextAsync(Path.Combine(here, "foo/a 'b'"), "hello");
            await _cli.GuestAsync("t1", "sh", "-c", "rm -rf /tmp/c && mkdir -p /tmp/c/there");

            (await _cli.RunAsync("copy", $"--backend={backend}", "-r", $"{here}/{source}", $"t1:/tmp/c/{target}")).Ok();
            var inner = target == "new" ? "" : "/foo";
            Assert.Equal("hello", await _cli.GuestAsync("t1", "cat", $"/tmp/c/{target}{inner}/a 'b'"));
            await _cli.GuestAsync("t1", "test", "-d", $"/tmp/c/{target}{inner}/bar");

            (await _cli.RunAsync("copy", $"--backend={backend}", "-r", $"t1:/tmp/c/{target.TrimEnd('/')}{inner}{(source.EndsWith('/') ? "/" : "")}", $"{here}/back/{target}")).Ok();
            var back = target == "new" ? "back/new" : $"back/there/{(inner.Length > 0 ? "foo" : "new")}";
            Assert.Equal("hello", await File.ReadAllTextAsync(Path.Combine(here, back, "a 'b'")));
            Assert.True(Directory.Exists(Path.Combine(here, back, "bar")));
        }
        finally
        {
            Directory.Delete(here, recursive: true);
        }
    }

    [ProductFact]
    public async Task Copies_need_no_host_and_go_between_guests()
    {
        await home.RunningAsync("t1");
        await home.RunningAsync("t2");
        (await _cli.RunAsync("host", "stop")).Ok();
        await _cli.GuestAsync("t1", "sh", "-c", "echo hello > from; rm -f back");
        (await _cli.RunAsync("copy", "t1:from", "t2:to")).Ok();
        Assert.Equal("hello", await _cli.GuestAsync("t2", "cat", "to"));
        (await _cli.RunAsync("cp", "--backend=auto", "t2:to", "t1:back")).Ok();
        Assert.Equal("hello", await _cli.GuestAsync("t1", "cat", "back"));
        (await _cli.RunAsync("copy", "t1:from", "t1:/tmp/same")).Ok();
        Assert.Equal("hello", await _cli.GuestAsync("t1", "cat", "/tmp/same"));
        Assert.Equal(0, home.HostPid);
        Assert.NotEqual(0, (await _cli.RunAsync("copy", "t1:no-such-file", "/tmp")).ExitCode);
    }

    [ProductFact]
    public async Task A_synced_shell_brings_back_what_changed()
    {
        await home.RunningAsync("t1");
        var here = Directory.CreateTempSubdirectory("lc-").FullName;
        var project = Directory.CreateDirectory(Path.Combine(here, "a 'b' \"c\"/project")).FullName;
        try
        {
            foreach (var name in new[] { "foo", "bar" }) await File.WriteAllTextAsync(Path.Combine(project, name), name);
            // The first shell of all: nothing is shared yet.
            (await _cli.RunAsync("shell", "--reconnect", "t1", "true")).Ok();
            var ran = await _cli.RunAsync(
                TimeSpan.FromMinutes(2), "shell", "--yes", "--sync", project, "t1", "sh", "-c", "pwd; echo new > foo; rm bar; mkdir d; ln -s foo d/link; sudo chown 0 foo; exit 5");
            Assert.True(ran.ExitCode == 5, ran.ToString());
            var there = ran.Out.Trim();
            Assert.EndsWith(project, there);
            Assert.Equal("new\n", await File.ReadAllTextAsync(Path.Combine(project, "foo")));
            Assert.False(File.Exists(Path.Combine(project, "bar")));
            Assert.Equal("foo", new FileInfo(Path.Combine(project, "d/link")).LinkTarget);
            Assert.Equal(1, (await _cli.RunAsync("shell", "t1", "test", "-e", there)).ExitCode);
            await _cli.GuestAsync("t1", "test", "-d", Path.GetDirectoryName(there)!);
        }
        finally
        {
            Directory.Delete(here, recursive: true);
        }
    }

    [ProductFact]
    public async Task A_connection_whose_holder_was_killed_is_replaced()
    {
        await home.RunningAsync("t1");
        await _cli.GuestAsync("t1", "true");
        var socket = home["t1/ssh.sock"];
        Assert.True(File.Exists(socket));
        foreach (var master in Processes.Of(home.Path).Where(process => process.Arguments[0].StartsWith("ssh:", StringComparison.Ordinal) && process.Arguments[0].Contains(socket)))
            Processes.Signal(master.Pid, Processes.SigKill);
        (await _cli.RunAsync("shell", "--reconnect", "t1", "true")).Ok();
        (await _cli.RunAsync("shell", "--reconnect", "t1", "true")).Ok();
        Assert.Contains("t1", (await _cli.GuestAsync("t1", "hostname")));
    }

    [ProductFact]
    public async Task A_tunnel_reaches_what_only_the_guest_can()
    {
        await home.RunningAsync("t1");
        var said = (await _cli.RunAsync("tunnel", "t1")).Ok();
        var port = int.Parse(said.Split("127.0.0.1:")[1].Split('`')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Contains("<http://lima-t1.internal>", said);
        // The guest's own SSH server, by an address that means this machine here.
        Assert.Equal("SSH-2.0-", await Socks.GreetingAsync(port, "127.0.0.1", 22, TimeSpan.FromSeconds(60)));
        var taken = await _cli.RunAsync("tunnel", $"--socks-port={port}", "t1");
        Assert.Equal(255, taken.ExitCode);
    }

    [ProductFact]
    public async Task The_foreground_ends_with_the_guest_and_the_guest_with_it()
    {
        await home.RunningAsync("t2");
        var told = home["watched"];
        var watch = _cli.ExecAsync("sh", ["-c", $"exec '{Product.Limactl}' watch --json t2 > '{told}'"], TimeSpan.FromMinutes(6));
        await FileHasAsync(told, "");
        var guest = Foreground("t2", home["first"]);
        await FileHasAsync(home["first"], "Staying in the foreground");
        await _cli.GuestAsync("t2", "sudo", "poweroff");
        (await guest).Ok();
        Assert.Equal("Stopped", (await _cli.ShowAsync("t2")).Status);
        await FileHasAsync(told, "\"exiting\":true");

        var again = Foreground("t2", home["second"]);
        await FileHasAsync(home["second"], "Staying in the foreground");
        await FileHasAsync(told, "\"running\":true");
        foreach (var process in Foregrounds("t2")) Processes.Signal(process.Pid, 15);
        (await again).Ok();
        Assert.Equal("Stopped", (await _cli.ShowAsync("t2")).Status);
        foreach (var process in Processes.Of(home.Path).Where(process => process.Arguments.Contains("watch"))) Processes.Signal(process.Pid, 15);
        Assert.Equal(0, (await watch).ExitCode);
    }

    private Task<Ran> Foreground(string name, string log) =>
        _cli.ExecAsync("sh", ["-c", $"exec '{Product.Limactl}' start --foreground {name} 2> '{log}'"], TimeSpan.FromMinutes(8));

    private IEnumerable<Seen> Foregrounds(string name) =>
        Processes.Of(home.Path).Where(process => process.Arguments.Contains("--foreground") && process.Arguments.Contains(name));

    private static async Task FileHasAsync(string file, string text)
    {
        for (var round = 0; round < 3000; round++)
        {
            if (File.Exists(file) && (await File.ReadAllTextAsync(file)).Contains(text, StringComparison.Ordinal)) return;
            await Task.Delay(100);
        }

        Assert.Fail($"`{text}` is not in {file}: {(File.Exists(file) ? await File.ReadAllTextAsync(file) : "there is no such file")}");
    }
}
