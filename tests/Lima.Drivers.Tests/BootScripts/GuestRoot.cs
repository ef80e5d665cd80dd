using System.Diagnostics;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Drivers.Tests.BootScripts;

/// <summary>
/// A throw-away root directory in which the guest's scripts run as they are: by chroot, in namespaces of their own, with BusyBox and
/// nothing else, so that what a distribution has or has not is for the test to say. <c>/proc</c> and <c>/sys</c> are plain files.
/// </summary>
internal sealed class GuestRoot : IDisposable
{
    public const string Seed = "/mnt/lima-cidata";
    public const UnixFileMode Program = (UnixFileMode)0b111_101_101;

    // Nothing that could reach out of the directory: no mount, reboot, sysctl, hostname, modprobe, date.
    private const string Applets =
        "ash awk basename cat chmod chown cmp cp cut dd dirname env find grep head id ln ls mkdir mkfifo mkpasswd mv od " +
        "readlink rm rmdir sed sh sleep sort stat sync tac tail tar timeout touch tr uname wc";

    // What is run inside may change owners of files and nothing of the machine: neither its clock nor its name, modules or devices.
    private const string Enter =
        "mount --bind /dev/null \"$1/dev/null\" && mount --bind /dev/urandom \"$1/dev/urandom\" && cd / && " +
        "exec setpriv --inh-caps=-all --bounding-set=-all,+chown,+dac_override,+fowner,+fsetid,+setuid,+setgid,+sys_chroot chroot \"$@\"";

    private readonly TemporaryDirectory _directory = new();
    private readonly bool _ash;

    private GuestRoot(string guest, string shell)
    {
        _ash = shell == "ash";
        foreach (var folder in "bin dev etc home/alice.guest mnt proc/sys/kernel root run sys/class/net tmp var/lib var/log".Split(' '))
            Directory.CreateDirectory(this["/" + folder]);
        Directory.CreateSymbolicLink(this["/sbin"], "bin");
        Copy(SmallBusyBox.Path(Applets.Split(' ')), "/bin/busybox");
        foreach (var applet in Applets.Split(' ').Where(applet => applet != "sh")) File.CreateSymbolicLink(this["/bin/" + applet], "busybox");
        if (shell == "dash") CopyDash();
        else File.CreateSymbolicLink(this["/bin/sh"], "busybox");
        foreach (var file in (string[])["/dev/null", "/dev/urandom"]) Write(file, "");
        Write("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nalice:x:1001:1001:Alice:/home/alice.guest:/bin/bash\n");
        Write("/etc/group", "root:x:0:\nalice:x:1001:\n");
        Write("/etc/shadow", "root:*:19000:0:99999:7:::\nalice:!:19000:0:99999:7:::\n");
        Write("/proc/sys/kernel/osrelease", "6.1.0-1-amd64\n");
        Write("/proc/uptime", "1.00 1.00\n");
        CopyScripts(guest);
        // The text of a stand-in is a file that is read, not run: one that this process has just written may not be run yet, as a
        // process that another test has forked meanwhile may have it open for writing, too.
        Shell("""
            chown -R alice: /home/alice.guest
            echo '#!/bin/sh
            name=${0##*/}
            echo "$name $*" >>/calls
            . "/stand-ins/$name"' >/bin/stand-in
            chmod 755 /bin/stand-in
            """);
    }

    /// <summary>A root whose <c>/bin/sh</c> is <c>ash</c> or <c>dash</c>; null, with a printed reason, where there can be none.</summary>
    public static GuestRoot? Make(ITestOutputHelper output, string shell)
    {
        if (!Need.Programs(output, "busybox", "dash", "unshare", "setpriv", "ldd")) return null;
        if (Need.DirectoryAbove(output, "guest/boot.d") is not { } scripts) return null;
        var refused = Start("unshare", [.. Namespaces, "true"]);
        if (refused.Code == 0) return new GuestRoot(Path.GetDirectoryName(scripts)!, shell);
        output.WriteLine($"SKIP: no namespaces: {refused.Output}");
        Console.WriteLine($"SKIP: no namespaces: {refused.Output}");
        return null;
    }

    /// <summary>The variables of <c>lima.env</c>, without their prefix.</summary>
    public Dictionary<string, string> Variables { get; } = new()
    {
        ["IID"] = "iid-1", ["NAME"] = "web", ["HOSTNAME"] = "lima-web", ["USER"] = "alice", ["UID"] = "1001", ["COMMENT"] = "Alice",
        ["HOME"] = "/home/alice.guest", ["SHELL"] = "/bin/bash", ["PASSWORDLESS_SUDO"] = "1", ["MOUNTTYPE"] = "reverse-sshfs", ["MOUNTS"] = "0",
        ["SLIRP_GATEWAY"] = "192.168.5.2", ["SLIRP_DNS"] = "192.168.5.3",
    };

    /// <summary>Path on this machine of a path in the root.</summary>
    public string this[string path] => _directory[path.TrimStart('/')];

    /// <summary>What the stand-ins were called with, one line a call.</summary>
    public string[] Calls => File.Exists(this["/calls"]) ? File.ReadAllLines(this["/calls"]) : [];

    public void Dispose() => _directory.Dispose();

    public bool Exists(string path) => Path.Exists(this[path]);

    public string Read(string path) => File.ReadAllText(this[path]);

    public void Write(string path, string text, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[path])!);
        File.WriteAllText(this[path], text);
        File.SetUnixFileMode(this[path], mode);
    }

    /// <summary>A program that notes how it was called, then runs the text.</summary>
    public void StandIn(string program, string text = "")
    {
        Assert.False(_ash && Applets.Split(' ').Contains(program), $"ash has `{program}` within itself");
        Write("/stand-ins/" + program, text + "\n");
        File.Delete(this["/bin/" + program]);
        File.CreateSymbolicLink(this["/bin/" + program], "stand-in");
    }

    /// <summary>Runs one of the seed's scripts, which has to succeed, and gives what it printed.</summary>
    public string Run(string script)
    {
        var ran = TryRun(script);
        Assert.True(ran.Code == 0, $"{script} ended with {ran.Code}: {ran.Output}");
        return ran.Output;
    }

    /// <summary>Runs it once more: nothing changes, no stand-in is called but those, and nothing is printed.</summary>
    public void RunAgainIdly(string script, params string[] allowed)
    {
        File.Delete(this["/calls"]);
        var before = Snapshot();
        Assert.Equal("", Run(script));
        Assert.Equal(before, Snapshot());
        Assert.Equal(allowed, Calls);
    }

    /// <summary>Runs one of the seed's scripts.</summary>
    public (int Code, string Output) TryRun(string script) => Enclosed("/bin/sh", $"{Seed}/{script}");

    /// <summary>What a line of shell prints in the root.</summary>
    public string Shell(string line)
    {
        var ran = Enclosed("/bin/sh", "-c", line);
        Assert.True(ran.Code == 0, ran.Output);
        return ran.Output.TrimEnd('\n');
    }

    /// <summary>Every file outside <c>/run</c> with its kind, mode, target and time of change.</summary>
    public string[] Snapshot() =>
        [.. new DirectoryInfo(_directory.Path).EnumerateFileSystemInfos("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Select(entry => (Path: Path.GetRelativePath(_directory.Path, entry.FullName), Entry: entry))
            .Where(at => at.Path != "calls" && at.Path.Split('/')[0] is not ("run" or "proc" or "var") || at.Path.StartsWith("var/lib", StringComparison.Ordinal))
            .Select(at => $"{at.Path} {at.Entry.UnixFileMode} {at.Entry.LinkTarget} {at.Entry.LastWriteTimeUtc:O}")
            .Order(StringComparer.Ordinal)];

    private static string[] Namespaces => Environment.IsPrivilegedProcess
        ? ["--mount", "--uts", "--ipc", "--net", "--pid", "--fork", "--kill-child"]
        : ["--user", "--map-root-user", "--map-auto", "--mount", "--uts", "--ipc", "--net", "--pid", "--fork", "--kill-child"];

    private (int Code, string Output) Enclosed(params string[] command)
    {
        var variables = Variables.Select(variable => $"LIMA_CIDATA_{variable.Key}={variable.Value}");
        return Start("unshare",
            [.. Namespaces, "sh", "-c", Enter, "sh", _directory.Path, "/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", $"LIMA_CIDATA_MNT={Seed}",
                "LIMA_REBOOT_REQUIRED=/run/lima-reboot-required", .. variables, .. command]);
    }

    private static (int Code, string Output) Start(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(2)), program);
#pragma warning disable xUnit1031 // the process has ended
        return (process.ExitCode, output + errors.GetAwaiter().GetResult());
#pragma warning restore xUnit1031
    }

    private void CopyDash()
    {
        Copy(Need.Which("dash")!, "/bin/sh");
        foreach (var word in Start("ldd", [Need.Which("dash")!]).Output.Split(' ', '\t', '\n').Where(word => word.StartsWith('/')))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(this[word])!);
            Copy(word, word);
        }
    }

    private void Copy(string file, string path)
    {
        var copied = Start("cp", [file, this[path]]);
        Assert.True(copied.Code == 0, copied.Output);
        File.SetUnixFileMode(this[path], Program);
    }

    private void CopyScripts(string guest)
    {
        foreach (var file in Directory.GetFiles(guest, "*.sh", SearchOption.AllDirectories))
            Write($"{Seed}/{Path.GetRelativePath(guest, file)}", File.ReadAllText(file));
    }
}
