using Lima.Cli.Output;
using Lima.Templates;

namespace Lima.Cli.Templates;

/// <summary>Facts about this machine and user that the defaults of a template depend on.</summary>
internal static class LocalFacts
{
    /// <summary>Gathers them.</summary>
    public static HostFacts Gather(CliWorld world)
    {
        var (name, comment) = Account(world);
        return new HostFacts
        {
            Arch = InstanceTable.HostArch,
            Cpus = Environment.ProcessorCount,
            MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            UserName = name,
            Uid = (int)Posix.EffectiveUser(),
            UserComment = comment,
            Home = world.UserHome,
            Timezone = Zone(),
            MachineId = Text("/etc/machine-id") ?? Text("/var/lib/dbus/machine-id") ?? Environment.MachineName,
            TempDir = world.Env("TMPDIR") is { Length: > 0 } directory ? directory : "/tmp",
            SshOverVsock = world.Env("LIMA_SSH_OVER_VSOCK") ?? "",
            Look = PathLook.At,
        };
    }

    private static string Zone()
    {
        try
        {
            return HostZone.Name(Text("/etc/timezone"), File.Exists("/etc/localtime") ? File.ResolveLinkTarget("/etc/localtime", returnFinalTarget: true)?.FullName : null, Path.Exists);
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static string? Text(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim() is { Length: > 0 } text ? text : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static (string Name, string Comment) Account(CliWorld world)
    {
        var otherwise = world.Env("USER") is { Length: > 0 } user ? user : "lima";
        try
        {
            var uid = Posix.EffectiveUser().ToString();
            var fields = File.ReadLines("/etc/passwd").Select(line => line.Split(':')).FirstOrDefault(fields => fields.Length >= 7 && fields[2] == uid);
            return fields is null ? (otherwise, "") : (fields[0], fields[4].Split(',')[0]);
        }
        catch (IOException)
        {
            return (otherwise, "");
        }
    }
}
