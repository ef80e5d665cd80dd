using System.Diagnostics;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Drivers.Tests.BootScripts;

/// <summary>
/// A guest with disks, for the script that looks after them: a folder stands for its <c>/dev</c>, <c>/sys</c> and <c>/proc</c>. Disks
/// are files, on which the real <c>mkfs</c> and <c>blkid</c> work; what would reach the kernel only says that it was called.
/// </summary>
internal sealed class DiskGuest : IDisposable
{
    private const int Sector = 512;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    // Functions, as BusyBox prefers its own programs to those on the path.
    private const string StandIns =
        """
        called() { echo "$*" >>"$CALLS"; }
        mount() { called mount "$2" "${3##*/}" "${4##*/}"; echo "$3 $4 $2 rw 0 0" >>"$LIMA_PROC/mounts"; }
        umount() { called umount "${1##*/}"; : >"$LIMA_PROC/mounts"; }
        swapon() { called swapon "${1##*/}"; echo "$1 partition 1 0 -2" >>"$LIMA_PROC/swaps"; }
        swapoff() { called swapoff "${1##*/}"; : >"$LIMA_PROC/swaps"; }
        mkswap() { called mkswap "$(printf ' %s' "$@" | sed 's, /[^ ]*/, ,g')"; command "$MKSWAP" "$@"; }
        modprobe() { :; }
        sync() { :; }
        sleep() { :; }
        fstrim() { called fstrim "$@"; }
        partx() { called partx "$1" "${2##*/}"; }
        resize2fs() { called resize2fs "${1##*/}"; }
        xfs_growfs() { called xfs_growfs "${1##*/}"; }
        sfdisk() {
          read -r line
          for disk; do :; done
          called sfdisk "$line" "$1" "$2" "${disk##*/}"
          sectors=$(cat "$LIMA_SYS/class/block/${disk##*/}/size")
          own=$LIMA_SYS/class/block/${disk##*/}/${disk##*/}1
          mkdir -p "$own" "$LIMA_SYS/class/block/${disk##*/}1"
          [ -e "${disk}1" ] || : >"${disk}1"
          truncate -s $((sectors * 512 - 2097152)) "${disk}1"
          echo 2048 >"$own/start"
          echo $((sectors - 4096)) | tee "$own/size" >"$LIMA_SYS/class/block/${disk##*/}1/size"
        }

        """;

    private readonly TemporaryDirectory _directory = new();
    private readonly string _shell;
    private readonly string _script;

    private DiskGuest(string shell, string script)
    {
        (_shell, _script) = (shell, script);
        foreach (var folder in new[] { "dev", "sys/class/block", "proc/self", "mnt", "state" }) Directory.CreateDirectory(_directory[folder]);
        foreach (var file in new[] { "proc/mounts", "proc/swaps", "calls" }) File.WriteAllText(_directory[file], "");
        var mkswap = Need.Which("mkswap");
        File.WriteAllText(_directory["stand-ins"], $"MKSWAP={mkswap}\n{StandIns}");
    }

    /// <summary>A guest whose shell is <c>dash</c> or <c>ash</c>; null, with a printed reason, where a program for it is missing.</summary>
    public static DiskGuest? Make(ITestOutputHelper output, string shell)
    {
        if (!Need.Programs(output, shell == "ash" ? "busybox" : "dash", "mkfs.ext4", "mkswap", "blkid")) return null;
        return Need.DirectoryAbove(output, "guest/boot.d") is { } scripts ? new DiskGuest(shell, Path.Combine(scripts, "05-lima-disks.sh")) : null;
    }

    /// <summary>What was called since the last look, a line each.</summary>
    public string[] Calls
    {
        get
        {
            var lines = File.ReadAllLines(_directory["calls"]);
            Forget();
            return lines;
        }
    }

    public void Forget() => File.WriteAllText(_directory["calls"], "");

    /// <summary>Code to run before the script, to take a program away from the guest or give it another.</summary>
    public string Before { get; set; } = "";

    public string Path1(string device) => _directory["dev/" + device];

    public bool HasMountPoint(string name) => Directory.Exists(_directory["mnt/lima-" + name]);

    /// <summary>Puts a disk in, or makes one larger; its partition stays as it is.</summary>
    public void Disk(string device, long mib, string? wwid = null)
    {
        using (var file = File.OpenWrite(Path1(device))) file.SetLength(mib << 20);
        Directory.CreateDirectory(_directory["sys/class/block/" + device]);
        File.WriteAllText(_directory[$"sys/class/block/{device}/size"], $"{(mib << 20) / Sector}\n");
        if (wwid is null) return;
        Directory.CreateDirectory(_directory[$"sys/class/block/{device}/device"]);
        File.WriteAllText(_directory[$"sys/class/block/{device}/device/wwid"], wwid + "\n");
    }

    public void Mounts(string text) => File.WriteAllText(_directory["proc/mounts"], text);

    /// <summary>Says that <c>/</c> lies on that disk, or on a partition of it that ends in its middle.</summary>
    public void Root(string device, string type, int? partition)
    {
        var own = Directory.CreateDirectory(_directory[$"sys/class/block/{device}"]).FullName;
        if (partition is { } number)
        {
            own = Directory.CreateDirectory(Path.Combine(own, $"{device}{number}")).FullName;
            foreach (var (file, text) in new[] { ("partition", $"{number}"), ("start", "2048"), ("size", "4096") }) File.WriteAllText(Path.Combine(own, file), text + "\n");
            File.WriteAllText(Path1($"{device}{number}"), "");
        }

        Directory.CreateDirectory(_directory["sys/dev/block"]);
        File.Delete(_directory["sys/dev/block/254:0"]);
        File.CreateSymbolicLink(_directory["sys/dev/block/254:0"], own);
        File.WriteAllText(_directory["proc/self/mountinfo"], $"20 1 0:5 / /proc rw - proc proc rw\n21 1 254:0 / / rw,noatime shared:1 - {type} /dev/root rw\n");
    }

    /// <summary>A boot: nothing is mounted, then the script runs with these disks.</summary>
    public (int Code, string Output) Boot(params (string Name, string Device, string Format, string FsType, string FsArgs)[] disks)
    {
        foreach (var file in new[] { "proc/mounts", "proc/swaps" }) File.WriteAllText(_directory[file], "");
        Dictionary<string, string> variables = new() { ["LIMA_CIDATA_DISKS"] = $"{disks.Length}" };
        foreach (var (at, disk) in disks.Index())
        {
            foreach (var (key, value) in new[] { ("NAME", disk.Name), ("DEVICE", disk.Device), ("FORMAT", disk.Format), ("FSTYPE", disk.FsType), ("FSARGS", disk.FsArgs) })
                variables[$"LIMA_CIDATA_DISK_{at}_{key}"] = value;
        }

        return Run(variables);
    }

    /// <summary>The script with arguments, as the host sends it into a running guest.</summary>
    public (int Code, string Output) Run(params string[] arguments) => Run([], arguments);

    /// <summary>What <c>blkid</c> says of a device.</summary>
    public string Blkid(string device, string key) => Start("/bin/sh", ["-c", $"PATH=$PATH:/usr/sbin:/sbin blkid -p -s {key} -o value '{Path1(device)}'"], []).Output.Trim();

    public void Dispose() => _directory.Dispose();

    private (int Code, string Output) Run(Dictionary<string, string> variables, params string[] arguments)
    {
        File.WriteAllText(_directory["before"], Before);
        foreach (var (key, folder) in new[] { ("DEV", "dev"), ("SYS", "sys"), ("PROC", "proc"), ("MNT", "mnt"), ("STATE", "state") })
            variables["LIMA_" + key] = _directory[folder];
        variables["CALLS"] = _directory["calls"];
        string[] shell = _shell == "ash" ? ["busybox", "ash"] : ["dash"];
        var text = $". '{_directory["stand-ins"]}'; . '{_directory["before"]}'; . '{_script}'";
        return Start(shell[0], [.. shell[1..], "-c", text, "script", .. arguments], variables);
    }

    private static (int Code, string Output) Start(string program, string[] arguments, Dictionary<string, string> variables)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (key, value) in variables) start.Environment[key] = value;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(Limit)) process.Kill(entireProcessTree: true);
        Task.WaitAll([output, error]);
        return (process.ExitCode, output.Result + error.Result);
    }
}
