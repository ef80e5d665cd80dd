using Lima.Drivers.Instances;
using Lima.Drivers.Names;

namespace Lima.Host.Options;

/// <summary>Where things are. From the environment and the place of this program; never from policy files.</summary>
public sealed record LimaHostOptions
{
    /// <summary>Longest path of a Unix socket, in bytes.</summary>
    private const int SocketPathMax = 107;

    /// <summary>The user's home for instances.</summary>
    public required LimaHome Home { get; init; }

    /// <summary>Directory with <c>guest/</c>, <c>images/</c>, <c>templates/</c>.</summary>
    public required string ShareDirectory { get; init; }

    /// <summary>Directory with <c>lima.conf</c>, <c>akka.conf</c>, <c>persistence.conf</c>.</summary>
    public required string HoconDirectory { get; init; }

    /// <summary>The file that names this machine's name servers.</summary>
    public string ResolvConf { get; init; } = UpstreamServers.UsualFile;

    /// <summary>More HOCON that wins over the files; used by tests.</summary>
    public string ExtraHocon { get; init; } = "";

    /// <summary>The program that stands between QEMU and virtiofsd; null where this host is not installed with it.</summary>
    public string? VirtiofsRelay { get; init; }

    /// <summary>Reads <c>LIMA_HOME</c>, <c>LIMA_SHARE</c>, <c>LIMA_HOCON</c> and <c>LIMA_RESOLV_CONF</c>.</summary>
    /// <exception cref="HostOptionsException">A value cannot be used.</exception>
    public static LimaHostOptions FromEnvironment()
    {
        var home = Environment.GetEnvironmentVariable("LIMA_HOME") is { Length: > 0 } set
            ? set
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".lima");
        var options = new LimaHostOptions
        {
            Home = new LimaHome(Resolve(home)),
            ShareDirectory = Environment.GetEnvironmentVariable("LIMA_SHARE") is { Length: > 0 } share ? share : FindShare(),
            HoconDirectory = Path.Combine(AppContext.BaseDirectory, "config", "hocon"),
            VirtiofsRelay = Path.Combine(AppContext.BaseDirectory, "lima-virtiofs-relay") is var relay && File.Exists(relay) ? relay : null,
            ExtraHocon = Environment.GetEnvironmentVariable("LIMA_HOCON") ?? "",
            ResolvConf = Environment.GetEnvironmentVariable("LIMA_RESOLV_CONF") is { Length: > 0 } resolvConf ? resolvConf : UpstreamServers.UsualFile,
        };
        var bytes = System.Text.Encoding.UTF8.GetByteCount(options.Home.ApiSocket);
        return bytes <= SocketPathMax
            ? options
            : throw new HostOptionsException(
                $"LIMA_HOME is too long: the socket `{options.Home.ApiSocket}` would have {bytes} bytes in its path, the system allows {SocketPathMax}; choose a shorter LIMA_HOME");
    }

    private static string Resolve(string home)
    {
        var full = Path.GetFullPath(home);
        return (Directory.Exists(full) ? Directory.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName : null) ?? full;
    }

    /// <summary>Installed: <c>libexec/lima/lima-host</c> beside <c>share/lima</c>. From a build: the root of the sources.</summary>
    private static string FindShare()
    {
        var installed = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "share", "lima"));
        if (Directory.Exists(installed)) return installed;
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (Directory.Exists(Path.Combine(at.FullName, "guest")) && Directory.Exists(Path.Combine(at.FullName, "templates"))) return at.FullName;
        }

        return installed;
    }
}

/// <summary>The host cannot be started with these settings; the message is for the user.</summary>
public sealed class HostOptionsException(string message) : Exception(message);
