using System.Security.Cryptography;
using Lima.Contracts;
using Lima.EndToEnd.Tests.Support;
using Xunit.Abstractions;

namespace Lima.EndToEnd.Tests;

/// <summary>
/// Directories of the host in a guest by devices of the machine, <c>9p</c> and <c>virtiofs</c>: what can be done in them, that
/// read-only holds, that they come back whatever dies, and what comes and goes while a guest runs. One VM for each way.
/// </summary>
public sealed class DeviceMountTests(LimaHome home, ITestOutputHelper output) : IClassFixture<LimaHome>
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    // By hand, LIMA_TEST_LARGE=1 makes it ten thousand files and 256 MiB.
    private static readonly bool IsLarge = Environment.GetEnvironmentVariable("LIMA_TEST_LARGE") == "1";
    private static readonly int Files = IsLarge ? 10_000 : 1_000;
    private static readonly int LargeBytes = IsLarge ? 256 << 20 : 24 << 20;
    private readonly Limactl _cli = home.Cli;

    [ProductTheory]
    [InlineData("9p")]
    [InlineData("virtiofs")]
    public async Task Files_go_both_ways_and_are_the_same_files(string type)
    {
        if (!await RunningAsync(type)) return;
        var shared = Shared(type);
        File.WriteAllText(Path.Combine(shared, "from host"), "from the host");
        Assert.Equal("from the host", await GuestAsync(type, "cat 'from host'"));
        await GuestAsync(type, "printf 'from the guest' > g && mkdir -p d/e && mv g d/e/h && chmod 750 d/e/h");
        Assert.Equal("from the guest", File.ReadAllText(Path.Combine(shared, "d/e/h")));
        Assert.Equal((UnixFileMode)0b111_101_000, File.GetUnixFileMode(Path.Combine(shared, "d/e/h")));
        await GuestAsync(type, "ln -s d/e/h link && cat link");
        Assert.Equal("d/e/h", new FileInfo(Path.Combine(shared, "link")).LinkTarget);
        Assert.Equal("kept", await GuestAsync(type, "printf kept > open; exec 3<open; rm open; [ ! -e open ] && cat <&3"));
        Assert.False(File.Exists(Path.Combine(shared, "open")));
    }

    [ProductTheory]
    [InlineData("9p")]
    [InlineData("virtiofs")]
    public async Task Many_files_and_a_large_one(string type)
    {
        if (!await RunningAsync(type)) return;
        var shared = Shared(type);
        Directory.CreateDirectory(Path.Combine(shared, "many"));
        for (var i = 0; i < Files; i++) File.WriteAllText(Path.Combine(shared, $"many/{i}"), "0123456789");
        Assert.Equal($"{Files}", await GuestAsync(type, "ls many | wc -l"));
        await GuestAsync(type, "mkdir made; cd made; i=0; while [ $i -lt 200 ]; do echo $i > $i; i=$((i+1)); done; cd ..; rm -r many/9*");
        Assert.Equal(200, Directory.GetFiles(Path.Combine(shared, "made")).Length);
        Assert.DoesNotContain(Directory.GetFiles(Path.Combine(shared, "many")), file => Path.GetFileName(file).StartsWith('9'));
        var bytes = new byte[LargeBytes];
        new Random(1).NextBytes(bytes);
        await File.WriteAllBytesAsync(Path.Combine(shared, "large"), bytes);
        await GuestAsync(type, "cp large copied && sync");
        await using var copied = File.OpenRead(Path.Combine(shared, "copied"));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), Convert.ToHexStringLower(await SHA256.HashDataAsync(copied)));
        foreach (var left in (string[])["many", "made"]) Directory.Delete(Path.Combine(shared, left), recursive: true);
        File.Delete(Path.Combine(shared, "copied"));
    }

    [ProductTheory]
    [InlineData("9p")]
    [InlineData("virtiofs")]
    public async Task Read_only_is_read_only_for_the_guests_root(string type)
    {
        if (!await RunningAsync(type)) return;
        Assert.Equal("mine", await GuestAsync(type, "cat /mnt/ro/file"));
        foreach (var change in (string[])["echo x > /mnt/ro/file", "rm /mnt/ro/file", "mount -o remount,rw /mnt/ro && echo x > /mnt/ro/new", "mkdir /mnt/ro/d"])
            Assert.NotEqual(0, (await _cli.RunAsync("shell", "--workdir", "/", Name(type), "sudo", "sh", "-c", change)).ExitCode);
        Assert.Equal([Path.Combine(ReadOnly(type), "file")], Directory.GetFileSystemEntries(ReadOnly(type)));
        Assert.Equal("mine", File.ReadAllText(Path.Combine(ReadOnly(type), "file")));
        // Its rights in the guest are mended like anything else that is not as it should be.
        await WellAsync(type);
    }

    [ProductTheory]
    [InlineData("9p")]
    [InlineData("virtiofs")]
    public async Task They_come_back_when_the_host_dies_and_when_somebody_unmounts_them(string type)
    {
        if (!await RunningAsync(type)) return;
        await GuestAsync(type, "printf 'what was written' > kept && sync");
        await home.KillHostAsync();
        (await _cli.RunAsync("host", "start")).Ok();
        await WellAsync(type);
        Assert.Equal("what was written", await GuestAsync(type, "cat kept"));
        (await _cli.RunAsync("shell", "--workdir", "/", Name(type), "sudo", "umount", "-l", "/mnt/ro")).Ok();
        await UntilGuestAsync(type, "cat /mnt/ro/file", "mine");
    }

    [ProductFact]
    public async Task A_killed_virtiofsd_is_replaced_and_what_was_written_is_there()
    {
        if (!await RunningAsync("virtiofs")) return;
        await GuestAsync("virtiofs", "printf 'what was written' > written && sync");
        // While nobody uses the mounts, while somebody writes, and while somebody keeps a file open who will not let go.
        foreach (var user in (string[])["true", "while dd if=/dev/zero of=large bs=64k count=100; do true; done", "exec 5<written && exec sleep 3600"])
        {
            await GuestAsync("virtiofs", $"sh -c '{user}' >/dev/null 2>&1 </dev/null &");
            KillDaemons();
            await UntilGuestAsync("virtiofs", $"cd '{Shared("virtiofs")}' && cat written && cat /mnt/ro/file", "what was writtenmine");
            await WellAsync("virtiofs");
            await UntilGuestAsync("virtiofs", $"cd '{Shared("virtiofs")}' && printf after > after && sync && cat after", "after");
            Assert.Equal("after", File.ReadAllText(Path.Combine(Shared("virtiofs"), "after")));
            File.Delete(Path.Combine(Shared("virtiofs"), "after"));
        }

        // The writer was told that it failed; nothing waits for an answer that cannot come.
        await UntilGuestAsync("virtiofs", "cat /proc/[0-9]*/stat | grep -c '^[0-9]* (dd) '; true", "0");
        // Nobody is there to see it: what asks for files meanwhile gets an error, and the next host mends the mounts.
        await home.KillHostAsync();
        KillDaemons();
        (await _cli.RunAsync("host", "start")).Ok();
        await WellAsync("virtiofs");
        await UntilGuestAsync("virtiofs", $"cat '{Shared("virtiofs")}/written' && sync", "what was written");
    }

    [ProductFact]
    public async Task A_mount_can_be_added_listed_saved_and_removed_while_the_guest_runs()
    {
        if (!await RunningAsync("9p")) return;
        var (name, more) = (Name("9p"), home["to share/more"]);
        Assert.Contains("must not be a system path", (await _cli.RunAsync("mount", "add", name, more, "/etc")).Fails(1).ToString(), StringComparison.Ordinal);
        (await _cli.RunAsync("mount", "add", "--save", name, more + ":w", "/mnt/more")).Ok();
        Assert.True(Directory.Exists(more));
        await GuestAsync("9p", "echo added > /mnt/more/f");
        Assert.Equal("added\n", File.ReadAllText(Path.Combine(more, "f")));
        (await _cli.RunAsync("mount", "add", name, more, "/mnt/more")).Fails(1, "already");
        var mount = Assert.Single((await _cli.ShowAsync(name)).Mounts!, mount => mount.MountPoint == "/mnt/more");
        Assert.Equal(new MountView { Location = more, MountPoint = "/mnt/more", Writable = true, Type = "reverse-sshfs", State = "mounted", Added = true }, mount);
        Assert.Contains("mountPoint: /mnt/more", File.ReadAllText(home[$"{name}/lima.yaml"]), StringComparison.Ordinal);
        Assert.Equal(3, (await _cli.RunAsync("mount", "list", "--json", name)).Ok().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        await home.KillHostAsync();
        (await _cli.RunAsync("host", "start")).Ok();
        await WellAsync("9p");
        await UntilGuestAsync("9p", "cat /mnt/more/f", "added");
        (await _cli.RunAsync("mount", "remove", "--save", name, "/mnt/more")).Ok();
        Assert.Equal("gone", await GuestAsync("9p", "[ -e /mnt/more/f ] || echo gone"));
        Assert.DoesNotContain("/mnt/more", File.ReadAllText(home[$"{name}/lima.yaml"]), StringComparison.Ordinal);
        (await _cli.RunAsync("mount", "remove", name, "/mnt/more")).Fails(1, "no mount at `/mnt/more`");
    }

    private void KillDaemons()
    {
        var daemons = Processes.Of(home.Path).Where(process => process.Arguments is [var program, ..] && program.EndsWith("/virtiofsd", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(daemons);
        foreach (var daemon in daemons) Processes.Signal(daemon.Pid, Processes.SigKill);
    }

    private static string Name(string type) => "by-" + type;

    private string Shared(string type) => home[$"to share/{type} a b"];

    private string ReadOnly(string type) => home[$"to share/{type} ro"];

    private async Task<bool> RunningAsync(string type)
    {
        if (type == "virtiofs" && !Environment.IsPrivilegedProcess && !File.Exists("/usr/libexec/virtiofsd"))
        {
            output.WriteLine("SKIP: virtiofs: QEMU's own virtiofsd needs root, and the one that does not is not installed");
            Console.WriteLine("SKIP: virtiofs: QEMU's own virtiofsd needs root, and the one that does not is not installed");
            return false;
        }

        if (Directory.Exists(home[Name(type)])) return true;
        Directory.CreateDirectory(ReadOnly(type));
        File.WriteAllText(Path.Combine(ReadOnly(type), "file"), "mine");
        // The writable one is missing, and is made. Its security model is one that knows links.
        File.WriteAllText(home[$"{type}.yaml"], $"""
            base: template:tiny
            mountType: {type}
            mounts:
            - location: "{Shared(type)}"
              writable: true
              9p:
                securityModel: passthrough
            - location: "{ReadOnly(type)}"
              mountPoint: /mnt/ro

            """);
        (await _cli.RunAsync(TimeSpan.FromMinutes(8), "start", "--tty=false", $"--name={Name(type)}", home[$"{type}.yaml"])).Ok();
        Assert.All((await _cli.ShowAsync(Name(type))).Mounts!, mount => Assert.Equal((type, "mounted"), (mount.Type, mount.State)));
        return true;
    }

    private async Task<string> GuestAsync(string type, string script)
    {
        var ran = await _cli.RunAsync(
            TimeSpan.FromMinutes(15), "shell", "--workdir", "/", Name(type), "sudo", "sh", "-c", $"cd '{Shared(type)}' && {{ {script}\n}}");
        return ran.Ok().TrimEnd('\n');
    }

    private async Task UntilGuestAsync(string type, string script, string expected)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            // A look at a mount whose other side is dead hangs, and the guest has to be spared many of them.
            var ran = await _cli.RunAsync("shell", "--workdir", "/", Name(type), "sudo", "timeout", "-k", "1", "5", "sh", "-c", script);
            if (ran.ExitCode == 0 && ran.Out.TrimEnd('\n') == expected) return;
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Limit, $"it did not come back: {ran}");
            await Task.Delay(500);
        }
    }

    private Task<InstanceView> WellAsync(string type) => _cli.UntilAsync(
        Name(type), instance => instance is { Status: "Running", Degraded: null or { Count: 0 } } && instance.Mounts?.All(mount => mount.State == "mounted") == true, Limit);
}
