using System.Diagnostics;
using Lima.Domain.Vms;
using Lima.Drivers.Hypervisors;
using Lima.Drivers.Instances;
using Lima.Drivers.Processes;
using Lima.Drivers.Qemu;
using Lima.Drivers.Tests.Qemu.Qmp;
using Lima.Testing;

namespace Lima.Drivers.Tests.Qemu;

/// <summary>What a machine makes of what QEMU says, replayed over a real socket; the process is a stand-in.</summary>
public sealed class QemuMachineTests : IDisposable
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(20);
    private readonly TemporaryDirectory _home = new();
    private readonly ProcessTable _table = new();
    private readonly Process _process = Process.Start("sleep", "1000");
    private readonly InstanceDirectory _directory;
    private readonly FakeQmpServer _server;

    public QemuMachineTests()
    {
        _directory = new InstanceDirectory(VmName.Parse("box"), _home.Path);
        _server = new FakeQmpServer(_directory.QmpSocket);
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
        _server.Dispose();
        _home.Dispose();
    }

    private QemuMachine Attach() => new(
        _table.Identify(_process.Id)!, _directory, null, _table,
        new QemuOptions { AcceleratorCache = _home["a"], Reconnect = (TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(100)) }, TimeProvider.System);

    private static async Task<List<MachineEvent>> AllAsync(IMachine machine)
    {
        using var limit = new CancellationTokenSource(Generous);
        var all = new List<MachineEvent>();
        await foreach (var each in machine.Events.WithCancellation(limit.Token)) all.Add(each);
        return all;
    }

    private async Task<List<MachineEvent>> ReplayAsync(bool pidFile, params string[] said)
    {
        if (pidFile) await File.WriteAllTextAsync(_directory.QemuPid, $"{_process.Id}\n");
        await using var machine = Attach();
        await _server.PlayAsync(
        [
            "< " + FakeQmpServer.Greeting, "> qmp_capabilities", """< {"return": {}, "id": 0}""",
            "> query-status", """< {"return": {"status": "running", "singlestep": false, "running": true}, "id": 0}""", .. said,
        ]).WaitAsync(Generous);
        _process.Kill();
        _server.HangUp();
        return await AllAsync(machine);
    }

    // Recorded from QEMU 7.2.
    private const string Time = """{"timestamp": {"seconds": 1764000000, "microseconds": 1}, "event": """;

    public static TheoryData<string, string[], MachineEvent[], MachineExit> Conversations => new()
    {
        { "off", ["< " + Time + """ "SHUTDOWN", "data": {"guest": true, "reason": "guest-shutdown"}}"""], [], MachineExit.GuestShutdown },
        { "power button", ["< " + Time + """ "POWERDOWN"}""", "< " + Time + """ "SHUTDOWN", "data": {"guest": true, "reason": "guest-shutdown"}}"""], [], MachineExit.GuestShutdown },
        { "signal", ["< " + Time + """ "SHUTDOWN", "data": {"guest": false, "reason": "host-signal"}}"""], [], MachineExit.Quit },
        { "host error", ["< " + Time + """ "SHUTDOWN", "data": {"guest": false, "reason": "host-error"}}"""], [], MachineExit.Crash },
        { "reset ours", ["< " + Time + """ "RESET", "data": {"guest": false, "reason": "host-qmp-system-reset"}}"""], [], MachineExit.Crash },
        { "reset theirs", ["< " + Time + """ "RESET", "data": {"guest": true, "reason": "guest-reset"}}"""], [new MachineEvent.Reset()], MachineExit.Crash },
        {
            "panic",
            ["< " + Time + """ "GUEST_PANICKED", "data": {"action": "poweroff"}}""", "< " + Time + """ "SHUTDOWN", "data": {"guest": true, "reason": "guest-panic"}}"""],
            [new MachineEvent.Panicked()], MachineExit.Panic
        },
        {
            "disk full",
            [
                "< " + Time + """ "BLOCK_IO_ERROR", "data": {"device": "boot-disk", "nospace": true, "node-name": "#block142", "reason": "No space left on device", "operation": "write", "action": "stop"}}""",
                "< " + Time + """ "STOP"}""",
            ],
            [new MachineEvent.IoError("boot-disk", "no space left on the host's disk"), new MachineEvent.Paused()], MachineExit.Crash
        },
        {
            "error that only the guest sees",
            ["< " + Time + """ "BLOCK_IO_ERROR", "data": {"device": "boot-disk", "nospace": false, "reason": "Input/output error", "operation": "read", "action": "report"}}"""],
            [], MachineExit.Crash
        },
        {
            "noise",
            ["< " + Time + """ "RTC_CHANGE", "data": {"offset": 0}}""", "< " + Time + """ "VSERPORT_CHANGE", "data": {"open": true, "id": "progress0"}}""", "< " + Time + """ "SHUTDOWN"}"""],
            [], MachineExit.Quit
        },
    };

    [Theory]
    [MemberData(nameof(Conversations))]
    public async Task Understands(string what, string[] said, MachineEvent[] expected, MachineExit exit)
    {
        Assert.NotEmpty(what);
        await File.WriteAllTextAsync(_directory.QemuLog, "qemu: \u001b[31mlast words\n");

        var all = await ReplayAsync(pidFile: true, said);

        Assert.Equal([.. expected, new MachineEvent.Exited(exit, "qemu:  [31mlast words")], all);
    }

    [Fact]
    public async Task An_end_that_was_not_announced_is_orderly_when_qemu_tidied_up()
    {
        var all = await ReplayAsync(pidFile: false);

        Assert.Equal([new MachineEvent.Exited(MachineExit.GuestShutdown, "")], all);
    }

    [Fact]
    public async Task A_broken_connection_is_made_again_and_what_was_missed_is_told()
    {
        await File.WriteAllTextAsync(_directory.QemuPid, "1\n");
        await using var machine = Attach();
        await _server.GreetAsync().WaitAsync(Generous);
        await _server.AnswerAsync("query-status", """{"status": "running"}""").WaitAsync(Generous);
        var query = machine.QueryAsync(CancellationToken.None);
        await _server.AnswerAsync("query-status", """{"status": "running"}""").WaitAsync(Generous);
        Assert.Equal(MachineStatus.Running, await query.WaitAsync(Generous));

        _server.HangUp();
        await _server.GreetAsync().WaitAsync(Generous);
        await _server.AnswerAsync("query-status", """{"status": "paused"}""").WaitAsync(Generous);

        query = machine.QueryAsync(CancellationToken.None);
        await _server.AnswerAsync("query-status", """{"status": "io-error"}""").WaitAsync(Generous);
        Assert.Equal(MachineStatus.IoError, await query.WaitAsync(Generous));
        await machine.KillAsync(CancellationToken.None);
        Assert.Equal([new MachineEvent.Paused(), new MachineEvent.Exited(MachineExit.Crash, "")], await AllAsync(machine));
    }

    [Fact]
    public async Task Letting_go_leaves_the_process_alone_and_frees_the_socket()
    {
        var machine = Attach();
        await _server.GreetAsync().WaitAsync(Generous);
        await machine.DisposeAsync().AsTask().WaitAsync(Generous);
        await machine.DisposeAsync().AsTask().WaitAsync(Generous);

        Assert.True(_table.IsAlive(machine.Process));
        Assert.Empty(await AllAsync(machine));
        await using var next = Attach();
        await _server.GreetAsync().WaitAsync(Generous);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => machine.QueryAsync(CancellationToken.None));
    }
}
