using System.Runtime.InteropServices;
using Lima.Domain.Specs;
using Lima.Drivers.Mounts.Sshfs;
using Lima.Drivers.Processes;
using Lima.Testing;
using Xunit.Abstractions;
using static Lima.Drivers.Tests.Mounts.Sshfs.RawSftp;

namespace Lima.Drivers.Tests.Mounts.Sshfs;

/// <summary>A hostile guest against a real SFTP server: it stays in the shared directory, and in a read-only one it changes nothing.</summary>
public sealed class SftpGateTests(ITestOutputHelper output) : IDisposable
{
    private const uint Ok = 0, NoSuchFile = 2, Denied = 3, Unsupported = 8;

    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public async Task What_is_inside_can_be_read_and_written()
    {
        if (await StartAsync(writable: true) is not { } gated) return;
        await using var _ = gated;
        var (handle, status) = await gated.Client.OpenAsync(_directory["shared/new"], OpenWrite | OpenCreate);
        Assert.Equal(Ok, status);
        Assert.Equal(Ok, await gated.Client.StatusAsync(Write, handle!, Number(0), Number(0), Text("words")));
        Assert.Equal("words", File.ReadAllText(_directory["shared/new"]));
        Assert.Equal(Ok, await gated.Client.StatusAsync(MakeDirectory, Text(_directory["shared/d"]), Number(0)));
        Assert.Equal(Ok, await gated.Client.StatusAsync(Rename, Text(_directory["shared/new"]), Text(_directory["shared/d/moved"])));
        Assert.Equal("words", File.ReadAllText(_directory["shared/d/moved"]));
    }

    [Fact]
    public async Task Nothing_outside_can_be_reached()
    {
        if (await StartAsync(writable: true) is not { } gated) return;
        await using var _ = gated;
        var before = File.GetUnixFileMode(_directory["secret"]);
        foreach (var path in new[] { _directory["secret"], _directory["shared/../secret"], "/etc/passwd", "/proc/self/mem", "." })
        {
            Assert.Equal((null, Denied), await gated.Client.OpenAsync(path, OpenRead));
            Assert.Equal((null, Denied), await gated.Client.OpenAsync(path, OpenWrite | OpenCreate));
            foreach (var type in new[] { Stat, LinkStat, ReadLink, RealPath, OpenDirectory, Remove })
                Assert.Equal(Denied, await gated.Client.StatusAsync(type, Text(path)));
            Assert.Equal(Denied, await gated.Client.StatusAsync(SetStat, Text(path), Number(4), Number(0x1ff)));
            Assert.Equal(Denied, await gated.Client.StatusAsync(Rename, Text(path), Text(_directory["shared/x"])));
            Assert.Equal(Denied, await gated.Client.StatusAsync(Rename, Text(_directory["shared/file"]), Text(path)));
            Assert.Equal(Denied, await gated.Client.StatusAsync(Extended, Text("hardlink@openssh.com"), Text(path), Text(_directory["shared/x"])));
        }

        Assert.Equal(Unsupported, await gated.Client.StatusAsync(Extended, Text("expand-path@openssh.com"), Text("~")));
        Assert.Equal("mine", File.ReadAllText(_directory["secret"]));
        Assert.Equal(before, File.GetUnixFileMode(_directory["secret"]));
        Assert.False(File.Exists(_directory["shared/x"]));
    }

    [Fact]
    public async Task Links_that_the_guest_makes_lead_nowhere()
    {
        if (await StartAsync(writable: true) is not { } gated) return;
        await using var _ = gated;
        var before = File.GetUnixFileMode(_directory["secret"]);
        Assert.Equal(Ok, await gated.Client.StatusAsync(MakeLink, Text(_directory["secret"]), Text(_directory["shared/link"])));
        Assert.Equal(Ok, await gated.Client.StatusAsync(MakeLink, Text(_directory["new"]), Text(_directory["shared/dangling"])));
        Assert.Equal((null, Denied), await gated.Client.OpenAsync(_directory["shared/link"], OpenRead));
        Assert.Equal(Denied, await gated.Client.StatusAsync(Stat, Text(_directory["shared/link"])));
        Assert.Equal(Denied, await gated.Client.StatusAsync(SetStat, Text(_directory["shared/link"]), Number(4), Number(0x1ff)));
        Assert.Equal((null, NoSuchFile), await gated.Client.OpenAsync(_directory["shared/dangling"], OpenWrite | OpenCreate));
        Assert.Equal(before, File.GetUnixFileMode(_directory["secret"]));
        Assert.False(File.Exists(_directory["new"]));
    }

    [Fact]
    public async Task A_link_that_is_put_in_place_in_the_same_breath_leads_nowhere()
    {
        if (await StartAsync(writable: true) is not { } gated) return;
        await using var _ = gated;
        var before = File.GetUnixFileMode(_directory["secret"]);
        Assert.Equal(Ok, await gated.Client.StatusAsync(MakeLink, Text(_directory["secret"]), Text(_directory["shared/link"])));
        await gated.Client.BurstAsync(
            (Remove, [Text(_directory["shared/file"])]),
            (Rename, [Text(_directory["shared/link"]), Text(_directory["shared/file"])]),
            (SetStat, [Text(_directory["shared/file"]), Number(4), Number(0x1ff)]));
        var answers = new List<byte[]>();
        for (var i = 0; i < 3; i++) answers.Add(await gated.Client.ReceiveAsync());
        Assert.Contains(answers, answer => answer[8] == Denied);
        Assert.Equal(before, File.GetUnixFileMode(_directory["secret"]));
    }

    [Fact]
    public async Task A_read_only_directory_is_read_only_for_any_client()
    {
        if (await StartAsync(writable: false) is not { } gated) return;
        await using var _ = gated;
        var file = _directory["shared/file"];
        Assert.Equal((null, Denied), await gated.Client.OpenAsync(file, OpenWrite));
        Assert.Equal((null, Denied), await gated.Client.OpenAsync(_directory["shared/x"], OpenWrite | OpenCreate));
        Assert.Equal(Denied, await gated.Client.StatusAsync(Remove, Text(file)));
        Assert.Equal(Denied, await gated.Client.StatusAsync(MakeDirectory, Text(_directory["shared/x"]), Number(0)));
        Assert.Equal(Denied, await gated.Client.StatusAsync(Rename, Text(file), Text(_directory["shared/x"])));
        Assert.Equal(Denied, await gated.Client.StatusAsync(SetStat, Text(file), Number(4), Number(0x1ff)));
        Assert.Equal(Denied, await gated.Client.StatusAsync(MakeLink, Text("x"), Text(_directory["shared/x"])));
        Assert.Equal(Denied, await gated.Client.StatusAsync(Extended, Text("posix-rename@openssh.com"), Text(file), Text(_directory["shared/x"])));
        Assert.NotNull((await gated.Client.OpenAsync(file, OpenRead)).Handle);
        Assert.Equal("content", File.ReadAllText(file));
        Assert.Equal([file], Directory.GetFileSystemEntries(_directory["shared"]));
    }

    [Fact]
    public async Task Nonsense_ends_it()
    {
        foreach (var nonsense in new byte[][] { [0xff, 0xff, 0xff, 0xff, 1], [0, 0, 0, 0], Packet(Open, Number(1), Number(99)) })
        {
            if (await StartAsync(writable: true) is not { } gated) return;
            await using var _ = gated;
            await gated.Guest.WriteAsync(nonsense);
            await Assert.ThrowsAsync<InvalidDataException>(() => gated.Requests.WaitAsync(TimeSpan.FromSeconds(60)));
        }
    }

    [Fact]
    public async Task The_server_ends_when_its_input_does()
    {
        if (await StartAsync(writable: true) is not { } gated) return;
        await using var _ = gated;
        gated.Server.CloseInput();
        Assert.Equal(0, await gated.Server.Exited.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task The_server_itself_is_confined_by_the_kernel()
    {
        if (await StartAsync(writable: true) is not { } gated) return;
        await using var _ = gated;
        if (Landlock.Version < 2)
        {
            output.WriteLine("SKIP: this kernel has no Landlock, or one that is too old");
            return;
        }

        // Seen without the gate: what the server could do if it were turned against us.
        var (process, secret) = (gated.Server, _directory["secret"]);
        Assert.Contains("NoNewPrivs:\t1", File.ReadAllText($"/proc/{process.Pid}/status"));
        await using var server = SftpServer.Start(new MountSpec(_directory["shared"], "/x", Writable: true));
        var direct = await new RawSftp(server.Stream).GreetAsync();
        Assert.Equal((null, Denied), await direct.OpenAsync(secret, OpenRead));
        Assert.Equal((null, Denied), await direct.OpenAsync(_directory["new"], OpenWrite | OpenCreate));
        Assert.Equal(Denied, await direct.StatusAsync(OpenDirectory, Text("/etc")));
        Assert.Equal(Denied, await direct.StatusAsync(Remove, Text(secret)));
        Assert.NotNull((await direct.OpenAsync(_directory["shared/file"], OpenRead)).Handle);
        // We are as free as before.
        Assert.Equal("mine", File.ReadAllText(secret));
    }

    [Fact]
    public async Task Confined_launches_leave_no_thread_of_ours_confined()
    {
        if (Landlock.Version < 2)
        {
            output.WriteLine("SKIP: this kernel has no Landlock, or one that is too old");
            return;
        }

        var before = Privileges("/proc/self/task/" + Environment.ProcessId);
        for (var round = 0; round < 60; round++)
        {
            using var rules = new LandlockRules();
            rules.Allow("/usr", LandlockRights.Execute | LandlockRights.Read);
            rules.Allow("/lib", LandlockRights.Execute | LandlockRights.Read);
            rules.Allow("/lib64", LandlockRights.Execute | LandlockRights.Read);
            await using var child = PipedProcess.Start(new ProcessSpec("cat", ["/etc/hostname"]), rules);
            Assert.NotEqual(0, await child.Exited.WaitAsync(TimeSpan.FromSeconds(60)));
        }

        Assert.All(Directory.GetDirectories("/proc/self/task").Select(Privileges).OfType<string>(), now => Assert.Equal(before, now));
    }

    // Null for a thread that has just ended.
    private static string? Privileges(string thread)
    {
        try
        {
            return File.ReadLines(Path.Combine(thread, "status")).First(line => line.StartsWith("NoNewPrivs", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void Dispose() => _directory.Dispose();

    private async Task<GatedServer?> StartAsync(bool writable)
    {
        if (SftpServer.Find() is null)
        {
            output.WriteLine("SKIP: there is no sftp-server on this machine");
            Console.WriteLine("SKIP: there is no sftp-server on this machine");
            return null;
        }

        Directory.CreateDirectory(_directory["shared"]);
        File.WriteAllText(_directory["shared/file"], "content");
        File.WriteAllText(_directory["secret"], "mine");
        var gated = await GatedServer.StartAsync(new MountSpec(_directory["shared"], "/mnt/x", writable));
        await gated.Client.GreetAsync();
        return gated;
    }
}
