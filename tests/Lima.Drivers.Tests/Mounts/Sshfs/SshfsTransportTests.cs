using System.Collections.Immutable;
using System.Diagnostics;
using Lima.Domain.Mounts;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Instances;
using Lima.Drivers.Mounts;
using Lima.Drivers.Mounts.Sshfs;
using Lima.Drivers.Ssh;
using Lima.Drivers.Tests.Ssh;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Drivers.Tests.Mounts.Sshfs;

/// <summary>The whole way, with this machine as its own guest: OpenSSH's server, sshfs and FUSE are real.</summary>
public sealed class SshfsTransportTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _directory = new();
    private readonly SshfsTransport _transport = new();
    private SshServer? _server;
    private ISshSession? _session;

    private string MountPoint => _directory["mount point"];

    public async Task InitializeAsync()
    {
        if (!Need.Programs(output, "sshfs", "fusermount3", "ssh") || SftpServer.Find() is null || !HasFuse()) return;
        if ((_server = await SshServer.StartAsync(output)) is null) return;
        Directory.CreateDirectory(_directory["shared"]);
        File.WriteAllText(_directory["shared/file"], "content");
        File.WriteAllText(_directory["known_hosts"], $"lima-t {_server.Target.HostKey}\n");
        File.WriteAllText(_directory["ssh.config"], $"""
            Host lima-t
              Hostname 127.0.0.1
              Port {_server.Target.Port}
              User {_server.Target.User}
              IdentityFile {_server.Target.PrivateKey}
              IdentitiesOnly yes
              HostKeyAlias lima-t
              UserKnownHostsFile {_directory["known_hosts"]}
              BatchMode yes

            """);
        _session = await new SshNetConnector().ConnectAsync(_server.Target, CancellationToken.None);
    }

    [Fact]
    public async Task A_mount_can_be_read_and_written_and_goes_with_its_owner()
    {
        if (_session is null) return;
        await using (var mount = await _transport.MountAsync(Request(writable: true), CancellationToken.None))
        {
            Assert.Equal("content", File.ReadAllText(Path.Combine(MountPoint, "file")));
            File.WriteAllText(Path.Combine(MountPoint, "new"), "words");
            Assert.Equal("words", File.ReadAllText(_directory["shared/new"]));
            Assert.False(mount.Broken.IsCompleted);
            Assert.True(_transport.Fits(Mount(writable: true), Row()!));
            Assert.False(_transport.Fits(Mount(writable: false), Row()!));
        }

        await UntilAsync(() => Row() is null);
    }

    [Fact]
    public async Task What_is_large_arrives_whole()
    {
        if (_session is null) return;
        await using var mount = await _transport.MountAsync(Request(writable: true), CancellationToken.None);
        var bytes = new byte[24 << 20];
        new Random(1).NextBytes(bytes);
        await File.WriteAllBytesAsync(Path.Combine(MountPoint, "large"), bytes);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(_directory["shared/large"]));
        await File.WriteAllBytesAsync(_directory["shared/other"], bytes);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Path.Combine(MountPoint, "other")));
    }

    [Fact]
    public async Task Read_only_is_read_only()
    {
        if (_session is null) return;
        await using var mount = await _transport.MountAsync(Request(writable: false), CancellationToken.None);
        Assert.Equal("content", File.ReadAllText(Path.Combine(MountPoint, "file")));
        Assert.ThrowsAny<SystemException>(() => File.WriteAllText(Path.Combine(MountPoint, "new"), "words"));
        Assert.True(Row()!.ReadOnly);
        Assert.False(File.Exists(_directory["shared/new"]));
    }

    [Fact]
    public async Task Without_its_sftp_server_it_is_broken_and_says_why()
    {
        if (_session is null) return;
        var mount = await _transport.MountAsync(Request(writable: true), CancellationToken.None);
        Kill(((SshfsMount)mount).ServerPid);
        Assert.Contains("sftp-server on the host ended with status 137", await mount.Broken.WaitAsync(Limit));
        await mount.DisposeAsync();
        await UnmountAsync();
        await using var again = await _transport.MountAsync(Request(writable: true), CancellationToken.None);
        Assert.Equal("content", File.ReadAllText(Path.Combine(MountPoint, "file")));
    }

    [Fact]
    public async Task Without_sshfs_it_is_broken_and_can_be_made_anew()
    {
        if (_session is null) return;
        var mount = await _transport.MountAsync(Request(writable: true), CancellationToken.None);
        File.WriteAllText(Path.Combine(MountPoint, "kept"), "words");
        foreach (var sshfs in Sshfs()) Kill(sshfs);
        Assert.Contains("sshfs", await mount.Broken.WaitAsync(Limit));
        await mount.DisposeAsync();
        // Who was interrupted between the end of one and the next lets go of it again.
        await mount.DisposeAsync();
        await UnmountAsync();
        await using var again = await _transport.MountAsync(Request(writable: true), CancellationToken.None);
        Assert.Equal("words", File.ReadAllText(Path.Combine(MountPoint, "kept")));
    }

    [Fact]
    public async Task Unmounted_in_the_guest_it_is_broken()
    {
        if (_session is null) return;
        await using var mount = await _transport.MountAsync(Request(writable: true), CancellationToken.None);
        await UnmountAsync();
        Assert.NotEqual("", await mount.Broken.WaitAsync(Limit));
    }

    [Fact]
    public async Task Without_a_connection_it_is_broken()
    {
        if (_session is null) return;
        await using var mount = await _transport.MountAsync(Request(writable: true), CancellationToken.None);
        _server!.Kill();
        Assert.NotEqual("", await mount.Broken.WaitAsync(Limit));
    }

    [Fact]
    public async Task Why_it_could_not_be_mounted_is_said()
    {
        if (_session is null) return;
        File.WriteAllText(_directory["mount point"], "no directory");
        var failure = await Assert.ThrowsAsync<DriverException>(() => _transport.MountAsync(Request(writable: true), CancellationToken.None));
        Assert.Equal(MountErrors.Failed, failure.Cause.Code);
        Assert.Contains(MountPoint, failure.Message);
    }

    public async Task DisposeAsync()
    {
        if (_session is not null)
        {
            await _session.DisposeAsync();
            await UnmountAsync();
        }

        if (_server is not null) await _server.DisposeAsync();
        _directory.Dispose();
    }

    private MountSpec Mount(bool writable) => new(_directory["shared"], MountPoint, writable) { Sshfs = new SshfsSpec { Cache = false } };

    private MountRequest Request(bool writable) => new(
        VmId.From(Guid.NewGuid()), new InstanceDirectory(VmName.Parse("t"), _directory.Path), Mount(writable),
        new UserSpec(Environment.UserName, "", _directory.Path, "/bin/sh", 1000), _session!);

    private GuestMount? Row() => MountTable.At(MountTable.Parse(File.ReadAllText("/proc/self/mountinfo")), MountPoint);

    private async Task UnmountAsync()
    {
        while (Row() is not null)
        {
            using var process = Process.Start("fusermount3", ["-u", "-z", MountPoint]);
            await process.WaitForExitAsync();
        }
    }

    private IEnumerable<int> Sshfs() => Directory.GetDirectories("/proc").Select(path => int.TryParse(Path.GetFileName(path), out var pid) ? pid : 0)
        .Where(pid => pid != 0 && Arguments(pid) is ["sshfs", ..] words && words.Contains(MountPoint));

    private static string[] Arguments(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Split('\0');
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static void Kill(int pid)
    {
        using var process = Process.GetProcessById(pid);
        process.Kill();
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var began = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(began.Elapsed < Limit, "it did not come true in time");
            await Task.Delay(50);
        }
    }

    private bool HasFuse()
    {
        try
        {
            using var device = new FileStream("/dev/fuse", FileMode.Open, FileAccess.ReadWrite);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            output.WriteLine("SKIP: /dev/fuse cannot be used here");
            Console.WriteLine("SKIP: /dev/fuse cannot be used here");
            return false;
        }
    }
}
