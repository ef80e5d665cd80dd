using System.Collections.Immutable;
using Lima.Domain.Vms;
using Lima.Drivers.Processes;
using Lima.Testing;

namespace Lima.Drivers.Tests.Processes;

public sealed class DetachedLauncherTests : IDisposable
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(20);
    private readonly TemporaryDirectory _directory = new();
    private readonly ProcessTable _table = new();
    private readonly DetachedLauncher _launcher;

    public DetachedLauncherTests() => _launcher = new DetachedLauncher(_table);

    public void Dispose() => _directory.Dispose();

    private DetachedProcess Shell(string script, ImmutableDictionary<string, string>? environment = null) =>
        _launcher.Launch(new ProcessSpec("sh", ["-c", script], environment), _directory["log"]);

    [Fact]
    public async Task Runs_in_a_session_of_its_own_with_nothing_of_ours()
    {
        await File.WriteAllTextAsync(_directory["log"], "from an earlier run\n");
        var launched = Shell("readlink /proc/$$/fd/0; pwd; ls /proc/$$/fd | tr '\\n' ' '; echo; cut -d' ' -f5,6 /proc/$$/stat; echo $$; echo err >&2; grep SigIgn /proc/$$/status");

        Assert.Equal(0, await launched.Exited.WaitAsync(Generous));

        var lines = await File.ReadAllLinesAsync(_directory["log"]);
        var pid = launched.Identity.Pid;
        Assert.Equal(["/dev/null", "/", "0 1 2 ", $"{pid} {pid}"], lines[..4]);
        Assert.Equal($"{pid}", lines[4]);
        Assert.Contains("err", lines);
        // .NET ignores SIGPIPE; what we launch must not. (The C library's own signals, 32 and 33, it leaves ignored.)
        Assert.Equal(0UL, ulong.Parse(lines[^1].Split('\t')[1], System.Globalization.NumberStyles.HexNumber) & 0x7fffffff);
    }

    [Fact]
    public async Task Inherits_no_descriptor_that_we_inherited_ourselves()
    {
        // A descriptor without close-on-exec, as one that our own parent left open.
        using var held = File.OpenHandle(_directory["held"], FileMode.Create, FileAccess.Write);
        Assert.Equal(0, Fcntl.ClearCloseOnExec((int)held.DangerousGetHandle()));

        var launched = Shell("ls -l /proc/$$/fd");
        await launched.Exited.WaitAsync(Generous);

        Assert.DoesNotContain("held", await File.ReadAllTextAsync(_directory["log"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reaps_what_it_launched_and_knows_how_it_ended()
    {
        var failed = Shell("exit 7");
        Assert.Equal(7, await failed.Exited.WaitAsync(Generous));
        Assert.False(File.Exists($"/proc/{failed.Identity.Pid}/stat"));

        var killed = Shell("exec sleep 100");
        Assert.True(_table.IsAlive(killed.Identity));
        Assert.True(_table.Signal(killed.Identity, 9));
        Assert.Equal(128 + 9, await killed.Exited.WaitAsync(Generous));
        await _table.WaitExitAsync(killed.Identity, CancellationToken.None).WaitAsync(Generous);
    }

    [Fact]
    public async Task Adds_to_the_environment()
    {
        var launched = Shell("echo $GREETING; echo $PATH", ImmutableDictionary<string, string>.Empty.Add("GREETING", "hé llo"));
        await launched.Exited.WaitAsync(Generous);

        Assert.Equal(["hé llo", Environment.GetEnvironmentVariable("PATH")!], await File.ReadAllLinesAsync(_directory["log"]));
    }

    [Fact]
    public void Says_what_is_missing()
    {
        var missing = Assert.Throws<DriverException>(() => _launcher.Launch(new ProcessSpec("no-such-program", []), _directory["log"]));
        Assert.Equal(VmCauses.LaunchFailed, missing.Cause.Code);
        Assert.Contains("`no-such-program` is not installed", missing.Message, StringComparison.Ordinal);

        var unwritable = Assert.Throws<DriverException>(() => _launcher.Launch(new ProcessSpec("sh", ["-c", ":"]), _directory["no/such/log"]));
        Assert.Contains("no/such/log", unwritable.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Survives_the_one_who_launched_it()
    {
        // The launcher's parent here is a test runner that goes on; so the session and the parentage are what is checked:
        // a hang-up sent to our own group does not reach it.
        var launched = Shell("exec sleep 100");
        var group = (await File.ReadAllTextAsync($"/proc/{launched.Identity.Pid}/stat")).Split(' ')[4];

        Assert.Equal($"{launched.Identity.Pid}", group);
        Assert.True(_table.Signal(launched.Identity, 15));
        Assert.Equal(128 + 15, await launched.Exited.WaitAsync(Generous));
    }
}
