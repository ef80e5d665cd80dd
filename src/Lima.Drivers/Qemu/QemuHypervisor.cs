using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Disks;
using Lima.Drivers.Files;
using Lima.Drivers.Hypervisors;
using Lima.Drivers.Instances;
using Lima.Drivers.Mounts.Virtiofs;
using Lima.Drivers.Processes;
using Lima.Drivers.Qemu.Disks;
using Lima.Drivers.Qemu.Probe;
using Lima.Drivers.Qemu.Qmp;

namespace Lima.Drivers.Qemu;

/// <summary>Runs VMs with QEMU, each in a session of its own that outlives this process.</summary>
/// <param name="options">Limits and places.</param>
/// <param name="table">Processes.</param>
/// <param name="time">Clock for deadlines.</param>
/// <param name="disks">The disks beside the instances.</param>
public sealed class QemuHypervisor(QemuOptions options, ProcessTable table, TimeProvider time, DiskStore disks) : IHypervisor
{
    private const string Step = "starting QEMU";
    private const int Kill = 9;
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(5), LongestLook = TimeSpan.FromMilliseconds(100);

    private readonly VirtiofsDaemons _daemons = new(new VirtiofsdFinder(options.Home), new VirtiofsServer(options.VirtiofsRelay), table, time);
    private readonly Swtpm _swtpm = new(table, time);
    private readonly DetachedLauncher _launcher = new(table);
    private readonly AcceleratorProbe _probe = new(options.AcceleratorCache, table.BootId, options.Variable);

    // The connection made by a launch waits here for the attach that follows, so that nothing said in between is lost.
    private readonly ConcurrentDictionary<ProcessIdentity, QmpClient> _launched = new();

    /// <inheritdoc/>
    public string VmType => "qemu";

    /// <summary>Which accelerator a guest of this architecture gets here, and why.</summary>
    public async Task<AcceleratorChoice> AcceleratorAsync(string arch, CancellationToken cancel) =>
        await _probe.ChooseAsync(await QemuInstallation.FindAsync(QemuArch.Get(arch), options.Variable, cancel), QemuArch.Get(arch), null, cancel);

    /// <inheritdoc/>
    public async Task<ProcessIdentity> LaunchAsync(LaunchRequest request, CancellationToken cancel)
    {
        var directory = request.Directory;
        if (Find(request.Id, directory) is { } living)
        {
            throw new DriverException(
                VmCauses.LaunchFailed, Step, $"instance `{directory.Name}` already has a QEMU, process {living.Pid}",
                $"stop it first: `limactl stop --force {directory.Name}`");
        }

        // From QEMU's first answer on its own locks say that the disks are in use; until then this does.
        using var use = disks.Take(request.Spec.AdditionalDisks.Select(disk => disk.Name), directory.Path);
        var spec = await ResolveAsync(request, use, cancel);
        if (request.Spec.Mounts.Type != MountType.ReverseSshfs) MakeMountLocations(request);
        RemoveLeftovers(directory);
        ImmutableArray<VirtiofsDevice> served = request.Spec.Mounts.Type == MountType.Virtiofs
            ? [.. request.Spec.Mounts.Directories.Select(mount => new VirtiofsDevice(mount, 0))]
            : [];
        DetachedProcess? launched = null;
        try
        {
            foreach (var device in served) await _daemons.StartAsync(device, directory, cancel);
            if (request.Spec.Tpm) await _swtpm.StartAsync(directory, cancel);
            var command = QemuCommandLine.Build(spec with
            {
                VirtiofsSockets = [.. served.Select(device => device.Socket(directory))],
                TpmSocket = request.Spec.Tpm ? directory.TpmSocket : null,
            });
            launched = _launcher.Launch(command, directory.QemuLog);
            var client = await AnswerAsync(launched, directory, cancel);
            await ForgetClosedAsync();
            _launched[launched.Identity] = client;
            return launched.Identity;
        }
        catch
        {
            if (launched is not null)
            {
                table.Signal(launched.Identity, Kill);
                await Task.WhenAny(launched.Exited, Task.Delay(KillLimit, time, CancellationToken.None));
            }

            foreach (var device in served) _daemons.End(device, directory);
            if (request.Spec.Tpm) _swtpm.End(directory);
            throw;
        }
    }

    /// <inheritdoc/>
    public ProcessIdentity? Find(VmId id, InstanceDirectory directory)
    {
        if (ReadPid(directory.QemuPid) is { } pid && table.Identify(pid) is { } hinted && Belongs(hinted, id, directory)) return hinted;
        // A debugger or a wrapper has the same words among its arguments; QEMU itself is preferred.
        return table.FindByArguments("-uuid", id.Value)
            .OrderByDescending(process => Path.GetFileName(ProcessTable.Arguments(process.Pid).FirstOrDefault() ?? "").StartsWith("qemu", StringComparison.Ordinal))
            .FirstOrDefault();
    }

    /// <inheritdoc/>
    public async Task<IMachine> AttachAsync(VmId id, InstanceDirectory directory, ProcessIdentity process, CancellationToken cancel)
    {
        _launched.TryRemove(process, out var client);
        if (!table.IsAlive(process) || !Belongs(process, id, directory))
        {
            // A machine that was launched here and has ended since still has its last words in the connection.
            if (client is null)
            {
                throw new DriverException(
                    VmCauses.QemuLost, "attaching to QEMU", $"process {process.Pid} is not, or no longer, QEMU of instance `{directory.Name}`");
            }
        }

        var machine = new QemuMachine(process, directory, client, table, options, time);
        try
        {
            await Task.WhenAny(machine.FirstTry, Task.Delay(options.AttachLimit, time, cancel));
            cancel.ThrowIfCancellationRequested();
            return machine;
        }
        catch
        {
            await machine.DisposeAsync();
            throw;
        }
    }

    /// <summary>The arguments of a VM's living QEMU, which say what it was launched with; empty when there is none.</summary>
    public IReadOnlyList<string> Arguments(VmId id, InstanceDirectory directory) =>
        Find(id, directory) is { } process ? ProcessTable.Arguments(process.Pid) : [];

    /// <inheritdoc/>
    public ImmutableArray<MachineCard> Cards(VmSpec spec, InstanceDirectory directory) => QemuNetworks.Cards(spec.Networks, directory);

    /// <summary>The daemons behind virtiofs devices.</summary>
    public VirtiofsDaemons Daemons => _daemons;

    private async Task<QemuSpec> ResolveAsync(LaunchRequest request, DiskUse use, CancellationToken cancel)
    {
        var arch = QemuArch.Get(request.Spec.Arch);
        var qemu = await QemuInstallation.FindAsync(arch, options.Variable, cancel);
        qemu.Require(request.Spec.QemuMinimumVersion);
        var firmware = IsElf(request.Boot?.Kernel) && arch.Name == "x86_64"
            ? null // A kernel that is no EFI program: QEMU's own firmware starts it, and UEFI could not.
            : Firmware.Find(request.Spec, request.Directory, qemu.Program, options.Home, File.Exists);
        if (!File.Exists(request.Directory.Disk))
        {
            throw new DriverException(
                VmCauses.LaunchFailed, Step, $"instance `{request.Directory.Name}` has no disk ({request.Directory.Disk})", "create it again");
        }

        var boot = request.Boot;
        if (request.Spec.Tpm && arch.Name == "x86_64" && firmware is null && boot?.Initrd is not null)
        {
            // QEMU would put the initial RAM disk where its firmware has the tables of a TPM, and the guest would find no ACPI at all.
            if (!await BootSector.IsBootableAsync(request.Directory.Disk, DiskFormat.OfInstanceDisk(request.Directory.Disk), cancel)) throw NoTpm(request.Directory);
            boot = null;
            firmware = Firmware.Find(request.Spec, request.Directory, qemu.Program, options.Home, File.Exists);
        }

        return new QemuSpec
        {
            Vm = request.Spec,
            Id = request.Id,
            Directory = request.Directory,
            Program = qemu.Program,
            UserArguments = qemu.UserArguments,
            Version = qemu.Version,
            Accelerator = (await _probe.ChooseAsync(qemu, arch, firmware, cancel)).Accelerator,
            SshPort = request.SshPort,
            MacAddress = MacAddress.Of(request.Id),
            Firmware = firmware,
            DiskFormat = DiskFormat.OfInstanceDisk(request.Directory.Disk),
            HasSeed = File.Exists(request.Directory.Cidata),
            Boot = boot,
            AdditionalDisks = [.. use.Disks.Select(disk => new AttachedDisk(disk.Name, disk.DataDisk, disk.Format))],
            ContainerdArchive = Instances.ContainerdArchive.Of(request.Directory),
            BootCd = File.Exists(request.Directory.Iso) ? request.Directory.Iso : null,
            Networks = [.. QemuNetworks.Attached(request.Spec.Networks, request.Directory, qemu.Version)],
        };
    }

    // QEMU does not start without the directories that it is to share; a user who names a new one means it to be made.
    private static void MakeMountLocations(LaunchRequest request)
    {
        foreach (var mount in request.Spec.Mounts.Directories)
        {
            try
            {
                Directory.CreateDirectory(mount.Location);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new DriverException(
                    VmCauses.LaunchFailed, Step, $"the directory `{mount.Location}`, which `mounts` names, cannot be made: {e.Message}",
                    "make it yourself, or take it out of `mounts` with `limactl edit`");
            }
        }
    }

    /// <summary>Waits until QEMU greets on its control socket, for as long as it lives and the limit allows.</summary>
    private async Task<QmpClient> AnswerAsync(DetachedProcess launched, InstanceDirectory directory, CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        for (var pause = FirstLook; ; pause = pause * 2 < LongestLook ? pause * 2 : LongestLook)
        {
            if (launched.Exited.IsCompleted) throw Ended(await launched.Exited, directory);
            try
            {
                if (File.Exists(directory.QmpSocket)) return await QmpClient.ConnectAsync(directory.QmpSocket, options.Qmp, time, cancel);
            }
            catch (DriverException e) when (e.Cause.Code is "qmp-closed" or VmCauses.QmpMute)
            {
                // Bound but not yet listening, or ended meanwhile: looked at again.
            }

            if (time.GetElapsedTime(started) > options.LaunchLimit) throw Late(directory);
            await Task.WhenAny(launched.Exited, Task.Delay(pause, time, cancel));
            cancel.ThrowIfCancellationRequested();
        }
    }

    private static DriverException NoTpm(InstanceDirectory directory) => new(
        VmCauses.LaunchFailed, Step, $"instance `{directory.Name}` has `tpm: true`, and its image has no boot loader; QEMU cannot start a kernel and its initial RAM disk with a TPM",
        "use an image with a boot loader, such as `template:debian-12`, or set `tpm: false`");

    private DriverException Late(InstanceDirectory directory) => new(
        VmCauses.LaunchFailed, Step,
        $"QEMU of instance `{directory.Name}` did not answer within {options.LaunchLimit.TotalSeconds:0} s{Quote(directory)}", $"see {directory.QemuLog}");

    private static DriverException Ended(int status, InstanceDirectory directory) => new(
        VmCauses.LaunchFailed, Step,
        $"QEMU of instance `{directory.Name}` ended at once with {(status > 128 ? $"signal {status - 128}" : $"status {status}")}{Quote(directory)}",
        $"see {directory.QemuLog}");

    private static string Quote(InstanceDirectory directory) =>
        LogTail.Read(directory.QemuLog, 3) is { Length: > 0 } lines ? ": " + lines.Replace("\n", "; ", StringComparison.Ordinal) : "";

    private static void RemoveLeftovers(InstanceDirectory directory)
    {
        // Logs of QEMU's devices are emptied by QEMU; a reader must not find the last boot's lines before that.
        foreach (var file in new[]
        {
            directory.QmpSocket, directory.SerialSocket, directory.VirtioSerialSocket, directory.QemuPid,
            directory.PlugSocket, directory.ProgressLog, directory.SerialLog, directory.VirtioSerialLog,
        })
        {
            File.Delete(file);
        }

        foreach (var socket in Directory.EnumerateFiles(directory.Path, InstanceDirectory.NetworkSockets)) File.Delete(socket);
    }

    private async Task ForgetClosedAsync()
    {
        foreach (var (process, client) in _launched)
            if (client.Closed.IsCompleted && _launched.TryRemove(process, out _)) await client.DisposeAsync();
    }

    /// <summary>By our uuid, or by the pid file of this directory where another program launched it.</summary>
    private static bool Belongs(ProcessIdentity process, VmId id, InstanceDirectory directory) =>
        ProcessTable.HasArguments(process.Pid, "-uuid", id.Value) || ProcessTable.HasArguments(process.Pid, "-pidfile", directory.QemuPid);

    private static int? ReadPid(string file)
    {
        try
        {
            return int.TryParse(File.ReadAllText(file), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var pid)
                ? pid
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool IsElf(string? file)
    {
        if (file is null) return false;
        Span<byte> start = stackalloc byte[4];
        using var stream = File.OpenRead(file);
        return stream.ReadAtLeast(start, 4, throwOnEndOfStream: false) == 4 && start.SequenceEqual("\u007fELF"u8);
    }
}
