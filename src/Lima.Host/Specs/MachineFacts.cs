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

    /// <summary>Name of the time zone, from <c>/etc/timezone</c> or from where <c>/etc/localtime</c> leads.</summary>
    private static string Zone()
    {
        try
        {
            if (File.Exists("/etc/timezone")) return File.ReadAllText("/etc/timezone").Trim();
            var target = File.ResolveLinkTarget("/etc/localtime", returnFinalTarget: true)?.FullName ?? "";
            var at = target.IndexOf("/zoneinfo/", StringComparison.Ordinal);
            return at < 0 ? "" : target[(at + "/zoneinfo/".Length)..];
        }
        catch (IOException)
        {
            return "";
        }
    }

    [LibraryImport("libc")]
    private static partial uint getuid();
}
