using Lima.Domain.Agent;
using Lima.Drivers.Processes;
using static System.FormattableString;

namespace Lima.Drivers.Qemu;

/// <summary>
/// Turns a <see cref="QemuSpec"/> into the process to be launched. The guest gets the hardware that Lima gives it, and
/// besides: a panic device, a balloon that returns free pages, and a port for reporting how the boot goes.
/// </summary>
public static partial class QemuCommandLine
{
    /// <summary>Name of the port on which the guest reports its progress.</summary>
    public const string ProgressPort = "io.lima-vm.progress.0";

    private const long MiB = 1 << 20;
    private static readonly QemuVersion HasActions = new(6, 0, 0), HasFreePageReporting = new(5, 1, 0);

    // Options of which the user's own, given with the program, replace ours.
    private static readonly string[] Replaceable = ["-cpu", "-m", "-machine", "-accel", "-boot", "-smp", "-display"];

    /// <summary>The whole command line, in a fixed order.</summary>
    public static ProcessSpec Build(QemuSpec spec)
    {
        var arch = QemuArch.Get(spec.Vm.Arch);
        var taken = Replaceable.Where(option => spec.UserArguments.Contains(option)).ToHashSet(StringComparer.Ordinal);
        IEnumerable<string[]> options =
        [
            .. Identity(spec), .. Machine(spec, arch), .. SharedMemory(spec), .. Firmware(spec), .. Disks(spec, arch), .. Kernel(spec),
            .. Tpm(spec, arch), .. Network(spec, arch), .. Devices(spec, arch), .. Sound(spec), .. Display(spec, arch),
            .. Consoles(spec, arch), .. Mounts(spec), .. Control(spec),
        ];
        return new ProcessSpec(spec.Program,
            [.. spec.UserArguments, .. options.Where(option => !taken.Contains(option[0])).SelectMany(option => option)]);
    }

    /// <summary>Buffer for translated code in MiB: a quarter of the guest's memory within 64 and 512, because all of it becomes resident.</summary>
    public static long TranslationBufferMiB(long memoryBytes) => Math.Clamp(memoryBytes / MiB / 4, 64, 512);

    private static IEnumerable<string[]> Identity(QemuSpec spec)
    {
        yield return ["-name", "lima-" + spec.Directory.Name.Value];
        yield return ["-uuid", spec.Id.Value];
        // Nothing that was not asked for: no empty CD drive, no monitor, no VGA. The guest boots faster without them.
        yield return ["-nodefaults"];
    }

    private static IEnumerable<string[]> Machine(QemuSpec spec, QemuArch arch)
    {
        var translated = spec.Accelerator == Accelerator.Tcg;
        yield return ["-m", Invariant($"{spec.Vm.MemoryBytes / MiB}")];
        yield return ["-cpu", spec.Vm.CpuTypes.GetValueOrDefault(arch.Name) is { Length: > 0 } chosen ? chosen : translated ? "max" : "host"];
        if (translated)
        {
            yield return ["-machine", arch.Name == "x86_64" ? arch.Machine + ",vmport=off" : arch.Machine];
            yield return ["-accel", Invariant($"tcg,thread=multi,tb-size={TranslationBufferMiB(spec.Vm.MemoryBytes)}")];
            if (arch.Name == "x86_64")
            {
                // A guest that suspends itself to RAM or disk does not come back under the translator.
                yield return ["-global", "ICH9-LPC.disable_s3=1"];
                yield return ["-global", "ICH9-LPC.disable_s4=1"];
            }
        }
        else
        {
            yield return ["-machine", arch.Machine];
            yield return ["-accel", spec.Accelerator.Word()];
        }

        yield return ["-smp", Invariant($"{spec.Vm.Cpus},sockets=1,cores={spec.Vm.Cpus},threads=1")];
    }

    private static IEnumerable<string[]> Firmware(QemuSpec spec) =>
        spec.Firmware is null ? [] : [["-drive", $"if=pflash,format=raw,readonly=on,file={Escape(spec.Firmware)}"]];

    private static IEnumerable<string[]> Kernel(QemuSpec spec)
    {
        if (spec.Boot is not { } boot) yield break;
        yield return ["-kernel", boot.Kernel];
        if (boot.Cmdline.Length > 0) yield return ["-append", boot.Cmdline];
        if (boot.Initrd is not null) yield return ["-initrd", boot.Initrd];
    }

    private static IEnumerable<string[]> Devices(QemuSpec spec, QemuArch arch)
    {
        yield return ["-device", $"virtio-rng-{arch.Bus}"];
        if (spec.Version >= HasFreePageReporting) yield return ["-device", $"virtio-balloon-{arch.Bus},id=balloon0,free-page-reporting=on"];
        if (arch.Name == "x86_64") yield return ["-device", "pvpanic"];
        // A panic ends QEMU, and it says first that this was the reason. Older versions do the same by default.
        if (spec.Version >= HasActions) yield return ["-action", "panic=shutdown"];
    }

    private static IEnumerable<string[]> Consoles(QemuSpec spec, QemuArch arch)
    {
        var files = spec.Directory;
        yield return ["-chardev", Console("char-serial", files.SerialSocket, files.SerialLog)];
        yield return ["-serial", "chardev:char-serial"];
        if (arch.IsArm)
        {
            yield return ["-chardev", Console("char-serial-pci", Path.Combine(files.Path, "serialp.sock"), Path.Combine(files.Path, "serialp.log"))];
            yield return ["-device", "pci-serial,chardev=char-serial-pci"];
        }

        yield return ["-chardev", Console("char-serial-virtio", files.VirtioSerialSocket, files.VirtioSerialLog)];
        yield return ["-device", $"virtio-serial-{arch.Bus},id=virtio-serial0,max_ports=4"];
        yield return ["-device", "virtconsole,chardev=char-serial-virtio,id=console0"];
        // A file and not a socket: while no client is connected to a socket, QEMU throws away what the guest writes to a
        // port and the guest's write blocks. A file is always there, for any number of readers, whoever comes late.
        yield return ["-chardev", $"file,id=char-progress,path={Escape(files.ProgressLog)},append=off"];
        yield return ["-device", $"virtserialport,chardev=char-progress,id=progress0,name={ProgressPort}"];
        // The host is its one client. While there is none, what the guest writes is thrown away.
        yield return ["-chardev", $"socket,id=char-agent,path={Escape(files.AgentSocket)},server=on,wait=off"];
        yield return ["-device", $"virtserialport,chardev=char-agent,id=agent0,name={AgentProtocol.PortName}"];
    }

    private static IEnumerable<string[]> Control(QemuSpec spec)
    {
        yield return ["-chardev", $"socket,id=char-qmp,path={Escape(spec.Directory.QmpSocket)},server=on,wait=off"];
        yield return ["-qmp", "chardev:char-qmp"];
        // QEMU serves one client on each; this one is for short talks about devices and forwards.
        yield return ["-chardev", $"socket,id=char-plug,path={Escape(spec.Directory.PlugSocket)},server=on,wait=off"];
        yield return ["-mon", "chardev=char-plug,mode=control"];
        yield return ["-pidfile", spec.Directory.QemuPid];
    }

    private static string Console(string id, string socket, string log) =>
        $"socket,id={id},path={Escape(socket)},server=on,wait=off,logfile={Escape(log)},logappend=off";

    /// <summary>In a list of options a comma in a value is written twice.</summary>
    private static string Escape(string value) => value.Replace(",", ",,", StringComparison.Ordinal);
}
