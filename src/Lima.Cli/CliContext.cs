using Lima.Cli.Client;
using Lima.Cli.Output;

namespace Lima.Cli;

/// <summary>What a command works with: the world, the paths, the log, and the API when it is needed.</summary>
internal sealed class CliContext : IDisposable
{
    /// <summary>Name of the instance that is meant when nobody says otherwise.</summary>
    public const string UsualInstance = "default";

    private readonly Lazy<HostClient> _client;

    /// <summary>Made once per process.</summary>
    public CliContext(CliWorld world, GlobalOptions options)
    {
        World = world;
        Options = options;
        Log = new Log(world, options.LogLevel, options.LogJson);
        Paths = new CliPaths(world);
        Launcher = new HostLauncher(world, Paths, Log);
        _client = new Lazy<HostClient>(() => new HostClient(Launcher.ConnectAsync));
    }

    /// <summary>Instance meant when a command names none.</summary>
    public string DefaultInstance { get; init; } = UsualInstance;

    /// <summary>Surroundings.</summary>
    public CliWorld World { get; }

    /// <summary>Global options.</summary>
    public GlobalOptions Options { get; }

    /// <summary>Messages for people.</summary>
    public Log Log { get; }

    /// <summary>Where things are.</summary>
    public CliPaths Paths { get; }

    /// <summary>Finds or starts the host.</summary>
    public HostLauncher Launcher { get; }

    /// <summary>The API; starts the host when first used.</summary>
    public HostClient Client => _client.Value;

    /// <summary>Whether a question may be asked.</summary>
    public bool MayAsk => Options.Tty ?? (World.InIsTerminal && World.OutIsTerminal);

    /// <summary>
    /// The API of a host that already runs; null when none does. The connection made to find out is used for the first
    /// request.
    /// </summary>
    public async Task<HostClient?> RunningHostAsync(CancellationToken cancel)
    {
        if (await Launcher.TryConnectAsync(cancel) is not { } socket) return null;
        var first = socket;
        return new HostClient(async token =>
            Interlocked.Exchange(ref first, null) ?? await Launcher.TryConnectAsync(token) ?? throw new CliException("the host has just ended"));
    }

    /// <summary>Steps on a terminal, or log lines elsewhere.</summary>
    public IProgressDisplay Display(bool guestLines = false, string subject = "") =>
        World.ErrorIsTerminal && !Options.LogJson && Options.LogLevel <= LogLevel.Info
            ? new TerminalProgress(World, Log, subject)
            : new PlainProgress(Log, guestLines);

    /// <summary>Warns of <c>--yes</c> in commands where it once meant to start the instance afterwards.</summary>
    public void WarnYes()
    {
        if (Options.Yes) Log.Warn("--yes flag is deprecated (--tty=false is still supported and works in the same way. Also consider using --start)");
    }

    /// <summary>Warns a root user once; to be called by commands that make or run guests.</summary>
    public void WarnRoot()
    {
        if (World.IsRoot) Log.Warn("running as root: guests get root's files and processes; an ordinary user is safer");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_client.IsValueCreated) _client.Value.Dispose();
    }
}
