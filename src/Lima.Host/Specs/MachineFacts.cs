using System.Runtime.InteropServices;
using Lima.Templates;

namespace Lima.Host.Specs;

/// <summary>Gathers what the defaults of a template depend on.</summary>
internal static partial class MachineFacts
{
    /// <summary>Facts of this machine and this user.</summary>
    public static HostFacts Gather()
    {
        var uid = (int)getuid();
        var (name, comment) = Account(uid);
        return new HostFacts
        {
            Arch = Architecture,
            Cpus = Environment.ProcessorCount,
            MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            UserName = name,
            UserComment = comment,
            Uid = uid,
            Home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
            Timezone = Zone(),
            MachineId = MachineId(),
            SshOverVsock = Environment.GetEnvironmentVariable("LIMA_SSH_OVER_VSOCK") ?? "",
            TempDir = Path.GetTempPath().TrimEnd('/') is { Length: > 0 } directory ? directory : "/",
        };
    }

    /// <summary>Lima's word for this machine's architecture.</summary>
    public static string Architecture => RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "x86_64",
        System.Runtime.InteropServices.Architecture.Arm64 => "aarch64",
        System.Runtime.InteropServices.Architecture.Arm => "armv7l",
        System.Runtime.InteropServices.Architecture.S390x => "s390x",
        System.Runtime.InteropServices.Architecture.Ppc64le => "ppc64le",
        System.Runtime.InteropServices.Architecture.RiscV64 => "riscv64",
        var other => other.ToString().ToLowerInvariant(),
    };

    private static (string Name, string Comment) Account(int uid)
    {
        try
        {
            foreach (var line in File.ReadLines("/etc/passwd"))
            {
                var fields = line.Split(':');
                if (fields.Length > 4 && fields[2] == uid.ToString()) return (fields[0], fields[4].Split(',')[0]);
            }
        }
        catch (IOException)
        {
            // Accounts of a directory service are not in that file.
        }

        return (Environment.UserName, "");
    }

    private static string Zone()
    {
        try
        {
            var timezone = File.Exists("/etc/timezone") ? File.ReadAllText("/etc/timezone") : null;
            return HostZone.Name(timezone, File.Exists("/etc/localtime") ? File.ResolveLinkTarget("/etc/localtime", returnFinalTarget: true)?.FullName : null, Path.Exists);
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static string MachineId()
    {
        foreach (var path in (string[])["/etc/machine-id", "/var/lib/dbus/machine-id"])
        {
            try
            {
                if (File.ReadAllText(path).Trim() is { Length: > 0 } id) return id;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The next one, then.
            }
        }

        return Environment.MachineName;
    }

    [LibraryImport("libc")]
    private static partial uint getuid();
}
