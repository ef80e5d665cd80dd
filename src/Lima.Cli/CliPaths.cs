namespace Lima.Cli;

/// <summary>Where things are, by Lima's names. Nothing here touches the disk except to resolve <c>LIMA_HOME</c>.</summary>
internal sealed class CliPaths
{
    private readonly string _binaryDirectory;

    /// <summary>Takes <c>LIMA_HOME</c> (default <c>~/.lima</c>) and the place of the binary from <paramref name="world"/>.</summary>
    public CliPaths(CliWorld world)
    {
        var configured = world.Env("LIMA_HOME") is { Length: > 0 } given ? given : Path.Combine(world.UserHome, ".lima");
        if (configured.StartsWith("~/", StringComparison.Ordinal)) configured = Path.Combine(world.UserHome, configured[2..]);
        Home = Resolve(Path.GetFullPath(configured, world.WorkingDirectory));
        _binaryDirectory = Path.GetDirectoryName(world.BinaryPath) ?? "/";
        HostBinary = world.Env("LIMA_HOST_BINARY") is { Length: > 0 } binary
            ? binary
            : Path.GetFullPath(Path.Combine(_binaryDirectory, "../libexec/lima/lima-host"));
    }

    /// <summary>The directory of everything.</summary>
    public string Home { get; }

    /// <summary>The program of the host.</summary>
    public string HostBinary { get; }

    /// <summary>The host's own files.</summary>
    public string HostDirectory => Path.Combine(Home, "_host");

    /// <summary>Socket of the API.</summary>
    public string ApiSocket => Path.Combine(HostDirectory, "api.sock");

    /// <summary>Locked by the host for as long as it lives.</summary>
    public string HostLock => Path.Combine(HostDirectory, "host.lock");

    /// <summary>The host's log.</summary>
    public string HostLog => Path.Combine(HostDirectory, "host.log");

    /// <summary>Private key for all instances.</summary>
    public string UserKey => Path.Combine(Home, "_config", "user");

    /// <summary>Files shipped with the product.</summary>
    public string Share => Path.GetFullPath(Path.Combine(_binaryDirectory, "../share/lima"));

    /// <summary>Helper programs shipped with the product.</summary>
    public string Libexec => Path.GetFullPath(Path.Combine(_binaryDirectory, "../libexec/lima"));

    /// <summary>Directory of an instance; the name must be valid.</summary>
    public string Instance(string name) => Path.Combine(Home, name);

    // Sockets and control paths must be the same whichever name of the directory was given.
    private static string Resolve(string path)
    {
        try
        {
            return new DirectoryInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
        }
        catch (IOException)
        {
            return path;
        }
    }
}
