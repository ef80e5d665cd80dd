using System.Net;
using System.Net.Sockets;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Disks;
using Lima.Drivers.Hypervisors;
using Lima.Drivers.Instances;
using Lima.Drivers.Processes;
using Lima.Drivers.Qemu;
using Lima.Drivers.Qemu.Qmp;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Drivers.Tests.Qemu;

/// <summary>The real QEMU, translated, with guests of a few bytes.</summary>
public sealed class QemuHypervisorTests : IDisposable
{
    private const int Stop = 19, Continue = 18;
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(60);
    private readonly TemporaryDirectory _home = new();
    private readonly ITestOutputHelper _output;
    private readonly ProcessTable _table = new();
    private readonly InstanceDirectory _directory;
    private readonly VmId _id = VmId.From(Guid.NewGuid());
    private readonly QemuHypervisor _hypervisor;

    public QemuHypervisorTests(ITestOutputHelper output)
    {
        _output = output;
        _directory = new InstanceDirectory(VmName.Parse("box"), _home["box"]);
        Directory.CreateDirectory(_directory.Path);
        File.WriteAllBytes(_directory.Disk, new byte[1 << 20]);
        _hypervisor = New();
    }

    public void Dispose()
    {
        foreach (var left in _table.FindByArguments("-uuid", _id.Value)) _table.Signal(left, 9);
        _home.Dispose();
    }

    private QemuHypervisor New(TimeSpan? command = null, DiskStore? disks = null) => new(
        new QemuOptions
        {
            AcceleratorCache = _home["accelerator.json"],
            Variable = name => name == "LIMA_ACCEL" ? "tcg" : null,
            AttachLimit = TimeSpan.FromSeconds(20),
            Qmp = new QmpOptions { CommandLimit = command ?? TimeSpan.FromSeconds(30), GreetingLimit = TimeSpan.FromSeconds(10) },
        },
        _table, TimeProvider.System, disks ?? new DiskStore(new LimaHome(_home.Path)));

    private async Task<LaunchRequest> RequestAsync(byte[] guest, int port = 0)
    {
        await File.WriteAllBytesAsync(_directory.Kernel, guest);
        var spec = new VmSpec
        {
            Arch = "x86_64", Cpus = 1, MemoryBytes = 64 << 20, DiskBytes = 1 << 20, Images = [], Firmware = new FirmwareSpec { LegacyBios = true },
            User = new UserSpec("user", "", "/home/user.guest", "/bin/bash", 1000),
        };
        return new LaunchRequest(_id, _directory, spec, port == 0 ? FreePort() : port, new DirectBoot(_directory.Kernel, null, ""));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<IMachine> StartAsync(byte[] guest, QemuHypervisor? hypervisor = null)
    {
        var process = await (hypervisor ?? _hypervisor).LaunchAsync(await RequestAsync(guest), CancellationToken.None).WaitAsync(Generous);
        return await (hypervisor ?? _hypervisor).AttachAsync(_id, _directory, process, CancellationToken.None).WaitAsync(Generous);
    }

    private static async Task<List<MachineEvent>> AllAsync(IMachine machine)
    {
        using var limit = new CancellationTokenSource(Generous);
        var all = new List<MachineEvent>();
        await foreach (var each in machine.Events.WithCancellation(limit.Token)) all.Add(each);
        return all;
    }

    private bool Absent() => !Need.Programs(_output, "qemu-system-x86_64");

    [Fact]
    public async Task A_machine_is_found_and_adopted_by_another_after_the_first_let_go()
    {
        if (Absent()) return;
        var first = await StartAsync(TinyGuest.Idle);
        Assert.Equal(MachineStatus.Running, await first.QueryAsync(CancellationToken.None));
        Assert.Equal($"{first.Process.Pid}\n", await File.ReadAllTextAsync(_directory.QemuPid));
        await first.DisposeAsync();

        var second = New();
        Assert.Equal(first.Process, second.Find(_id, _directory));
        await File.WriteAllTextAsync(_directory.QemuPid, "1\n"); // A wrong hint: found by its uuid.
        Assert.Equal(first.Process, second.Find(_id, _directory));
        Assert.Null(second.Find(VmId.From(Guid.NewGuid()), new InstanceDirectory(VmName.Parse("other"), _home["other"])));
        await Assert.ThrowsAsync<DriverException>(async () => await second.LaunchAsync(await RequestAsync(TinyGuest.Idle), CancellationToken.None));

        await using var adopted = await second.AttachAsync(_id, _directory, first.Process, CancellationToken.None);
        Assert.Equal(MachineStatus.Running, await adopted.QueryAsync(CancellationToken.None));
        await adopted.KillAsync(CancellationToken.None);

        Assert.Equal([new MachineEvent.Exited(MachineExit.Crash, "")], await AllAsync(adopted));
        Assert.Null(second.Find(_id, _directory));
        var lost = await Assert.ThrowsAsync<DriverException>(() => second.AttachAsync(_id, _directory, first.Process, CancellationToken.None));
        Assert.Equal(VmCauses.QemuLost, lost.Cause.Code);
    }

    [Fact]
    public async Task Pauses_resumes_and_quits()
    {
        if (Absent()) return;
        await using var machine = (QemuMachine)await StartAsync(TinyGuest.Idle);

        await machine.PauseAsync(CancellationToken.None);
        Assert.Equal(MachineStatus.Paused, await machine.QueryAsync(CancellationToken.None));
        await machine.ResumeAsync(CancellationToken.None);
        Assert.Equal(MachineStatus.Running, await machine.QueryAsync(CancellationToken.None));
        await machine.QuitAsync(CancellationToken.None);

        Assert.Equal(
            [new MachineEvent.Paused(), new MachineEvent.Resumed(), new MachineEvent.Exited(MachineExit.Quit, "")], await AllAsync(machine));
        var ended = await Assert.ThrowsAsync<DriverException>(() => machine.QueryAsync(CancellationToken.None));
        Assert.Equal("qmp-closed", ended.Cause.Code);
    }

    [Fact]
    public async Task A_guest_that_switches_itself_off()
    {
        if (Absent()) return;
        await using var machine = await StartAsync(TinyGuest.PowersOff);
        Assert.Equal([new MachineEvent.Exited(MachineExit.GuestShutdown, "")], await AllAsync(machine));
    }

    [Fact]
    public async Task A_guest_that_obeys_the_power_button()
    {
        if (Absent()) return;
        await using var machine = await StartAsync(TinyGuest.ObeysButton);
        var all = AllAsync(machine);
        // The button counts only once the guest has come so far as to look at it.
        while (!all.IsCompleted)
        {
            await Record.ExceptionAsync(() => machine.PowerDownAsync(CancellationToken.None));
            await Task.WhenAny(all, Task.Delay(100));
        }

        Assert.Equal([new MachineEvent.Exited(MachineExit.GuestShutdown, "")], await all);
    }

    [Fact]
    public async Task A_guest_that_panics()
    {
        if (Absent()) return;
        await using var machine = await StartAsync(TinyGuest.Panics);
        Assert.Equal([new MachineEvent.Panicked(), new MachineEvent.Exited(MachineExit.Panic, "")], await AllAsync(machine));
    }

    [Fact]
    public async Task A_guest_that_reboots_and_is_killed()
    {
        if (Absent()) return;
        await using var machine = await StartAsync(TinyGuest.Reboots);
        using var limit = new CancellationTokenSource(Generous);
        var all = new List<MachineEvent>();
        await foreach (var each in machine.Events.WithCancellation(limit.Token))
        {
            if (all.Count == 0) await machine.KillAsync(CancellationToken.None);
            all.Add(each);
        }

        Assert.IsType<MachineEvent.Reset>(all[0]);
        Assert.Equal(new MachineEvent.Exited(MachineExit.Crash, ""), all[^1]);
        Assert.Single(all.OfType<MachineEvent.Exited>());
    }

    [Fact]
    public async Task A_stopped_process_is_mute_and_answers_again_later()
    {
        if (Absent()) return;
        var hypervisor = New(command: TimeSpan.FromSeconds(1));
        await using var machine = await StartAsync(TinyGuest.Idle, hypervisor);
        Assert.True(_table.Signal(machine.Process, Stop));

        var mute = await Assert.ThrowsAsync<DriverException>(() => machine.QueryAsync(CancellationToken.None).WaitAsync(Generous));
        Assert.Equal(VmCauses.QmpMute, mute.Cause.Code);

        Assert.True(_table.Signal(machine.Process, Continue));
        var answer = MachineStatus.Other;
        for (var i = 0; i < 30 && answer != MachineStatus.Running; i++)
        {
            try
            {
                answer = await machine.QueryAsync(CancellationToken.None);
            }
            catch (DriverException)
            {
                // A slow machine may need more than a second.
            }
        }

        Assert.Equal(MachineStatus.Running, answer);
        Assert.True(_table.Signal(machine.Process, Stop)); // Even then it can be killed.
        await machine.KillAsync(CancellationToken.None);
        Assert.Equal(MachineExit.Crash, Assert.IsType<MachineEvent.Exited>((await AllAsync(machine))[^1]).Kind);
    }

    [Fact]
    public async Task A_mute_process_can_be_attached_to_and_killed()
    {
        if (Absent()) return;
        var first = await StartAsync(TinyGuest.Idle);
        await first.DisposeAsync();
        Assert.True(_table.Signal(first.Process, Stop));
        var impatient = new QemuHypervisor(
            new QemuOptions
            {
                AcceleratorCache = _home["a.json"],
                AttachLimit = TimeSpan.FromMilliseconds(300),
                Qmp = new QmpOptions { CommandLimit = TimeSpan.FromMilliseconds(500), GreetingLimit = TimeSpan.FromMilliseconds(500) },
            },
            _table, TimeProvider.System, new DiskStore(new LimaHome(_home.Path)));

        await using var machine = await impatient.AttachAsync(_id, _directory, first.Process, CancellationToken.None).WaitAsync(Generous);
        var mute = await Assert.ThrowsAsync<DriverException>(() => machine.QueryAsync(CancellationToken.None));
        Assert.Equal(VmCauses.QmpMute, mute.Cause.Code);
        await machine.KillAsync(CancellationToken.None);
        Assert.Equal([new MachineEvent.Exited(MachineExit.Crash, "")], await AllAsync(machine));
    }

    [Fact]
    public async Task A_living_machine_has_its_disks_and_a_killed_one_has_none()
    {
        if (Absent() || !Need.Programs(_output, "qemu-img")) return;
        var disks = new DiskStore(new LimaHome(_home.Path));
        var hypervisor = New(disks: disks);
        await disks.CreateAsync("data", 1 << 20, "qcow2", CancellationToken.None);
        var request = await RequestAsync(TinyGuest.Idle);
        request = request with { Spec = request.Spec with { AdditionalDisks = [new DiskSpec("data")] } };
        var process = await hypervisor.LaunchAsync(request, CancellationToken.None).WaitAsync(Generous);
        await using var machine = await hypervisor.AttachAsync(_id, _directory, process, CancellationToken.None);
        Assert.Equal("box", disks.Require("data").Instance);
        var refused = Assert.Throws<DriverException>(() => disks.Take(["data"], _home["other"]));
        Assert.Equal("disk `data` is in use by instance `box`", refused.Cause.Message);

        await machine.KillAsync(CancellationToken.None);
        await AllAsync(machine);
        Assert.Null(disks.Require("data").Holder);
        using (disks.Take(["data"], _home["other"])) Assert.Equal("other", disks.Require("data").Instance);
        var missing = request with { Spec = request.Spec with { AdditionalDisks = [new DiskSpec("data"), new DiskSpec("none")] } };
        Assert.Equal("disk-not-found", (await Assert.ThrowsAsync<DriverException>(() => hypervisor.LaunchAsync(missing, CancellationToken.None))).Cause.Code);
        Assert.Null(hypervisor.Find(_id, _directory));
    }

    [Fact]
    public async Task A_launch_that_fails_says_why_and_leaves_nothing_behind()
    {
        if (Absent()) return;
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var request = await RequestAsync(TinyGuest.Idle, ((IPEndPoint)taken.LocalEndpoint).Port);

        var failed = await Assert.ThrowsAsync<DriverException>(() => _hypervisor.LaunchAsync(request, CancellationToken.None).WaitAsync(Generous));

        Assert.Equal(VmCauses.LaunchFailed, failed.Cause.Code);
        Assert.Contains("instance `box` ended at once with status 1", failed.Message, StringComparison.Ordinal);
        Assert.Contains("Could not set up host forwarding rule", failed.Message, StringComparison.Ordinal);
        Assert.Empty(_table.FindByArguments("-uuid", _id.Value));

        File.Delete(_directory.Disk);
        var diskless = await Assert.ThrowsAsync<DriverException>(() => _hypervisor.LaunchAsync(request, CancellationToken.None).WaitAsync(Generous));
        Assert.Contains("has no disk", diskless.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_launch_that_is_cancelled_leaves_nothing_behind()
    {
        if (Absent()) return;
        var request = await RequestAsync(TinyGuest.Idle);
        using var cancel = new CancellationTokenSource();
        var launching = _hypervisor.LaunchAsync(request, cancel.Token);
        Assert.True(SpinWait.SpinUntil(() => launching.IsCompleted || _table.FindByArguments("-uuid", _id.Value).Count > 0, Generous));
        await cancel.CancelAsync();

        var outcome = await Record.ExceptionAsync(() => launching.WaitAsync(Generous));

        // It may have been done in that very moment; then it is a machine like any other.
        if (outcome is null) return;
        Assert.IsAssignableFrom<OperationCanceledException>(outcome);
        Assert.Empty(_table.FindByArguments("-uuid", _id.Value));
    }

    [Fact]
    public async Task Leftovers_of_a_crash_are_no_obstacle()
    {
        if (Absent()) return;
        foreach (var file in new[] { _directory.QmpSocket, _directory.SerialSocket, _directory.VirtioSerialSocket, _directory.QemuPid, _directory.ProgressLog })
            await File.WriteAllTextAsync(file, "999999\n");

        await using var machine = await StartAsync(TinyGuest.Idle);

        Assert.Equal(MachineStatus.Running, await machine.QueryAsync(CancellationToken.None));
        Assert.Equal("", await File.ReadAllTextAsync(_directory.ProgressLog));
        await machine.KillAsync(CancellationToken.None);
        await AllAsync(machine);
    }
}
