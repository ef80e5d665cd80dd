using System.Diagnostics;
using System.Security.Cryptography;
using Lima.EndToEnd.Tests.Support;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.EndToEnd.Tests;

/// <summary>Directories of the host in a guest by <c>reverse-sshfs</c>: what can be done in them, and that they come back whatever dies. One VM for all.</summary>
public sealed class SshfsMountTests(LimaHome home, ITestOutputHelper output) : IClassFixture<LimaHome>
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    // Under plain emulation each file takes its time; by hand, LIMA_TEST_LARGE=1 makes it ten thousand and 256 MiB.
    private static readonly bool IsLarge = Environment.GetEnvironmentVariable("LIMA_TEST_LARGE") == "1";
    private static readonly int Files = IsLarge ? 10_000 : 1_000;
    private static readonly int LargeBytes = IsLarge ? 256 << 20 : 24 << 20;

    private readonly Limactl _cli = home.Cli;

    private string Shared => home["to share/a b"];

    private string ReadOnly => home["to share/ro"];

    [ProductFact]
    public async Task Files_go_both_ways_and_are_the_same_files()
    {
        await RunningAsync();
        File.WriteAllText(Path.Combine(Shared, "from host"), "from the host");
        Assert.Equal("from the host", await GuestAsync("cat 'from host'"));
        await GuestAsync("printf 'from the guest' > g; mkdir -p d/e; mv g d/e/h; ln -s d/e/h link; ln d/e/h hard; chmod 750 d/e/h");
        Assert.Equal("from the guest", File.ReadAllText(Path.Combine(Shared, "d/e/h")));
        Assert.Equal("d/e/h", new FileInfo(Path.Combine(Shared, "link")).LinkTarget);
        Assert.Equal("from the guest", await GuestAsync("cat link"));
        Assert.Equal("from the guest", await GuestAsync("cat hard"));
        Assert.Equal((UnixFileMode)0b111_101_000, File.GetUnixFileMode(Path.Combine(Shared, "d/e/h")));
        Assert.Equal("750", await GuestAsync("stat -c %a d/e/h"));
        await GuestAsync("umask 077; : > private; umask 000; : > public");
        Assert.Equal((UnixFileMode)0b110_000_000, File.GetUnixFileMode(Path.Combine(Shared, "private")));
        Assert.Equal((UnixFileMode)0b110_110_110, File.GetUnixFileMode(Path.Combine(Shared, "public")));
        Assert.Equal("kept", await GuestAsync("exec 3<>open; printf kept >&3; rm open; [ ! -e open ] && exec 4</proc/self/fd/3 && cat <&4"));
        Assert.False(File.Exists(Path.Combine(Shared, "open")));
    }

    [ProductFact]
    public async Task Many_files_and_a_large_one()
    {
        await RunningAsync();
        Directory.CreateDirectory(Path.Combine(Shared, "many"));
        for (var i = 0; i < Files; i++) File.WriteAllText(Path.Combine(Shared, $"many/{i}"), "0123456789");
        Assert.Equal($"{Files}", await GuestAsync("ls many | wc -l"));
        Assert.Equal($"{Files * 10}", await GuestAsync("cat many/* | wc -c"));
        await GuestAsync("mkdir made; cd made; i=0; while [ $i -lt 200 ]; do echo $i > $i; i=$((i+1)); done; rm -r ../many/1*");
        Assert.Equal(200, Directory.GetFiles(Path.Combine(Shared, "made")).Length);
        Assert.DoesNotContain(Directory.GetFiles(Path.Combine(Shared, "many")), file => Path.GetFileName(file).StartsWith('1'));
        var bytes = new byte[LargeBytes];
        new Random(1).NextBytes(bytes);
        await File.WriteAllBytesAsync(Path.Combine(Shared, "large"), bytes);
        await GuestAsync("cp large copied && sync");
        await using var copied = File.OpenRead(Path.Combine(Shared, "copied"));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), Convert.ToHexStringLower(await SHA256.HashDataAsync(copied)));
        await GuestAsync("rm -r many made large copied");
    }

    [ProductFact]
    public async Task Read_only_is_read_only_for_the_guests_root()
    {
        await RunningAsync();
        Assert.Equal("mine", await GuestAsync("cat /mnt/ro/file"));
        foreach (var change in (string[])["echo x > /mnt/ro/file", "echo x > /mnt/ro/new", "rm /mnt/ro/file", "mkdir /mnt/ro/d", "chmod 777 /mnt/ro/file", "mount -o remount,rw /mnt/ro && echo x > /mnt/ro/new"])
            Assert.NotEqual(0, (await _cli.RunAsync("shell", "t1", "sudo", "sh", "-c", change)).ExitCode);
        Assert.Equal([Path.Combine(ReadOnly, "file")], Directory.GetFileSystemEntries(ReadOnly));
        Assert.Equal("mine", File.ReadAllText(Path.Combine(ReadOnly, "file")));
    }

    [ProductFact]
    public async Task It_comes_back_when_sshfs_dies() => await ComesBackAsync(
        () => GuestAsync("sudo kill -9 $(ps -o pid,args | awk '$2 == \"sshfs\" { print $1 }')"));

    [ProductFact]
    public async Task It_comes_back_when_the_server_on_the_host_dies() => await ComesBackAsync(() =>
    {
        foreach (var server in Children("sftp-server")) Processes.Signal(server, Processes.SigKill);
        return Task.CompletedTask;
    });

    [ProductFact]
    public async Task It_comes_back_when_its_connection_dies() => await ComesBackAsync(() =>
    {
        foreach (var client in Children("ssh")) Processes.Signal(client, Processes.SigKill);
        return Task.CompletedTask;
    });

    [ProductFact]
    public async Task It_comes_back_when_every_session_dies() => await ComesBackAsync(() => GuestAsync(
        "sudo setsid sh -c 'sleep 1; kill -9 $(ps -o pid,args | awk \"/sshd: lima/ { print \\$1 }\")' >/dev/null 2>&1 </dev/null &"));

    [ProductFact]
    public async Task It_comes_back_when_the_host_dies_and_nothing_of_the_old_one_is_left()
    {
        int[] old = [];
        await ComesBackAsync(async () =>
        {
            old = [.. Children("sftp-server"), .. Children("ssh")];
            Assert.Equal(4, old.Length);
            await home.KillHostAsync();
            foreach (var child in old) Assert.True(await Processes.IsGoneAsync(child, TimeSpan.FromSeconds(60)), "a child outlived the host");
            (await _cli.RunAsync("host", "start")).Ok();
        });
    }

    [ProductFact]
    public async Task Listeners_in_the_guest_hear_of_changes_on_the_host()
    {
        await RunningAsync();
        if (await ListenerAsync() is not { } listener) return;
        foreach (var name in (string[])["written", "moded", "gone", "moved"]) File.WriteAllText(Path.Combine(Shared, name), "");
        var copied = await _cli.PipeAsync(Convert.ToBase64String(listener), "shell", "t1", "sh", "-c", "base64 -d > /tmp/listen && chmod +x /tmp/listen");
        copied.Ok();
        await GuestAsync("cd /; (setsid /tmp/listen \"$OLDPWD\" >> /tmp/heard 2>&1 </dev/null &); until grep -q ready /tmp/heard; do sleep 0.2; done");
        File.WriteAllText(Path.Combine(Shared, "new"), "");
        await HeardAsync("4 new");
        File.AppendAllText(Path.Combine(Shared, "written"), "more");
        await HeardAsync("4 written");
        File.SetUnixFileMode(Path.Combine(Shared, "moded"), UnixFileMode.UserRead);
        await HeardAsync("4 moded");
        await GuestAsync("cd /; : > /tmp/heard");
        File.Delete(Path.Combine(Shared, "gone"));
        await HeardAsync("40000004 .");
        // sshfs remembers names for up to 20 s.
        await GuestAsync("n=0; while [ -e gone ]; do n=$((n+1)); [ $n -lt 120 ] || exit 1; sleep 0.5; done");
        File.Move(Path.Combine(Shared, "moved"), Path.Combine(Shared, "here"));
        await HeardAsync("4 here");
        await GuestAsync("kill $(ps -o pid,args | awk '$2 == \"/tmp/listen\" { print $1 }')");
    }

    private async Task ComesBackAsync(Func<Task> kill)
    {
        await RunningAsync();
        await GuestAsync("rm -f kept; printf 'what was written' | dd of=kept conv=fsync 2>/dev/null");
        var before = await SshfsAsync();
        await kill();
        Assert.Equal("what was written", File.ReadAllText(Path.Combine(Shared, "kept")));
        var began = Stopwatch.StartNew();
        while (true)
        {
            var ran = await _cli.RunAsync("shell", "--workdir", "/", "t1", "sh", "-c", $"cat '{Shared}/kept' && cat /mnt/ro/file && {SshfsProcesses}");
            if (ran.ExitCode == 0 && ran.Out.StartsWith("what was writtenmine", StringComparison.Ordinal)
                && ran.Out["what was writtenmine".Length..].Trim() is var now && now.Contains('\n') && now != before) break;
            Assert.True(began.Elapsed < Limit, $"the mounts did not come back: {ran}");
            await Task.Delay(500);
        }

        await GuestAsync("printf more >> kept");
        Assert.Equal("what was writtenmore", File.ReadAllText(Path.Combine(Shared, "kept")));
        await _cli.UntilAsync("t1", instance => instance is { Status: "Running", Degraded: null or { Count: 0 } }, Limit);
    }

    private const string SshfsProcesses = "ps -o pid,args | awk '$2 == \"sshfs\" { print $1 }'";

    private Task<string> SshfsAsync() => GuestAsync(SshfsProcesses);

    private int[] Children(string program) => [.. Processes.Of(home.Path)
        .Where(process => Path.GetFileName(process.Arguments[0]) == program && !process.Arguments.Contains("ControlMaster=auto"))
        .Where(process => program != "ssh" || process.Arguments.Any(argument => argument.Contains("sshfs", StringComparison.Ordinal)))
        .Select(process => process.Pid)];

    private async Task<string> GuestAsync(string script)
    {
        var ran = await _cli.RunAsync(TimeSpan.FromMinutes(15), "shell", "--workdir", "/", "t1", "sh", "-c", $"cd '{Shared}' && {{ {script}\n}}");
        return ran.Ok().TrimEnd('\n');
    }

    private async Task HeardAsync(string line)
    {
        for (var began = Stopwatch.StartNew(); ; await Task.Delay(200))
        {
            var heard = (await _cli.RunAsync("shell", "--workdir", "/", "t1", "cat", "/tmp/heard")).Out.Split('\n');
            if (heard.Contains(line)) return;
            Assert.True(began.Elapsed < Limit, $"`{line}` was not heard, but: {string.Join(", ", heard)}");
        }
    }

    // The guest has no program that listens, so one is made.
    private async Task<byte[]?> ListenerAsync()
    {
        if (!Need.Programs(output, "gcc")) return null;
        File.WriteAllText(home["listen.c"], """
            #include <stdio.h>
            #include <unistd.h>
            #include <sys/inotify.h>
            int main(int argc, char **argv) {
              char buffer[65536];
              int fd = inotify_init();
              if (argc != 2 || inotify_add_watch(fd, argv[1], IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVE | IN_MODIFY) < 0) return 2;
              for (puts("ready");;) {
                fflush(stdout);
                ssize_t count = read(fd, buffer, sizeof buffer);
                if (count <= 0) return 1;
                for (char *at = buffer; at < buffer + count;) {
                  struct inotify_event *event = (void *)at;
                  printf("%x %s\n", event->mask, event->len ? event->name : ".");
                  at += sizeof *event + event->len;
                }
              }
            }
            """);
        var built = await _cli.ExecAsync("gcc", ["-static", "-Os", "-s", "-o", home["listen"], home["listen.c"]], TimeSpan.FromMinutes(2));
        if (built.ExitCode == 0) return File.ReadAllBytes(home["listen"]);
        output.WriteLine("SKIP: a program for the guest cannot be compiled here");
        Console.WriteLine("SKIP: a program for the guest cannot be compiled here");
        return null;
    }

    private async Task RunningAsync()
    {
        if (Directory.Exists(home["t1"])) return;
        Directory.CreateDirectory(Shared);
        Directory.CreateDirectory(ReadOnly);
        File.WriteAllText(Path.Combine(ReadOnly, "file"), "mine");
        File.WriteAllText(home["mounts.yaml"], $"""
            base: template:tiny
            mountType: reverse-sshfs
            mountInotify: true
            mounts:
            - location: "{Shared}"
              writable: true
            - location: "{ReadOnly}"
              mountPoint: /mnt/ro

            """);
        (await _cli.RunAsync(TimeSpan.FromMinutes(8), "start", "--tty=false", "--name=t1", home["mounts.yaml"])).Ok();
    }
}
