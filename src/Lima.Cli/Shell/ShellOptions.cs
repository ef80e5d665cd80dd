namespace Lima.Cli.Shell;

/// <summary>What <c>limactl shell</c> was asked for.</summary>
internal sealed record ShellOptions
{
    /// <summary>The instance; null when it was not given.</summary>
    public string? Instance { get; init; }

    /// <summary>Shell to use instead of the configured one.</summary>
    public string? Shell { get; init; }

    /// <summary>Directory to start in.</summary>
    public string? WorkDir { get; init; }

    /// <summary>Take the host's environment along.</summary>
    public bool PreserveEnv { get; init; }

    /// <summary>Directory to copy into the guest and back afterwards; null for none.</summary>
    public string? Sync { get; init; }

    /// <summary>Connect anew instead of over the shared connection.</summary>
    public bool Reconnect { get; init; }

    /// <summary>Start the instance without asking when it is stopped; null when not said.</summary>
    public bool? Start { get; init; }

    /// <summary>Help was asked for.</summary>
    public bool Help { get; init; }

    /// <summary>Words of the command; empty for an interactive shell.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    private string? LogLevel { get; init; }
    private string? LogFormat { get; init; }
    private bool Debug { get; init; }
    private bool? Tty { get; init; }
    private bool Yes { get; init; }

    /// <summary>The global options among them.</summary>
    public GlobalOptions Globals() => GlobalOptions.From(LogLevel, LogFormat, Debug, Tty, Yes);

    /// <summary>
    /// Reads the arguments after <c>shell</c>. Flags end at the first other word: everything after it belongs to the guest.
    /// One <c>--</c> right after the instance is dropped.
    /// </summary>
    /// <exception cref="CliException">An unknown flag, or a flag without its value.</exception>
    public static ShellOptions Parse(IReadOnlyList<string> arguments, ShellOptions? defaults = null)
    {
        var options = defaults ?? new ShellOptions();
        var named = options.Instance is not null;
        var at = 0;
        var literal = false;
        while (at < arguments.Count && arguments[at].StartsWith('-') && arguments[at].Length > 1)
        {
            var (flag, inline) = Divide(arguments[at++]);
            if (flag == "--")
            {
                literal = true;
                break;
            }

            switch (flag)
            {
                case "--shell":
                    options = options with { Shell = Value(flag, inline, arguments, ref at) };
                    break;
                case "--workdir":
                    options = options with { WorkDir = Value(flag, inline, arguments, ref at) };
                    break;
                case "--instance":
                    options = options with { Instance = Value(flag, inline, arguments, ref at) };
                    named = true;
                    break;
                case "--preserve-env":
                    options = options with { PreserveEnv = Switch(flag, inline) };
                    break;
                case "--sync":
                    options = options with { Sync = Value(flag, inline, arguments, ref at) };
                    break;
                case "--reconnect":
                    options = options with { Reconnect = Switch(flag, inline) };
                    break;
                case "--start":
                    options = options with { Start = Switch(flag, inline) };
                    break;
                case "-h" or "--help":
                    options = options with { Help = true };
                    break;
                case "--debug":
                    options = options with { Debug = Switch(flag, inline) };
                    break;
                case "--tty":
                    options = options with { Tty = Switch(flag, inline) };
                    break;
                case "-y" or "--yes":
                    options = options with { Yes = Switch(flag, inline) };
                    break;
                case "--log-level":
                    options = options with { LogLevel = Value(flag, inline, arguments, ref at) };
                    break;
                case "--log-format":
                    options = options with { LogFormat = Value(flag, inline, arguments, ref at) };
                    break;
                default:
                    throw CliException.Usage($"unknown flag: {flag}", "see `limactl shell --help`; flags of the command go after the instance's name");
            }
        }

        if (!named && at < arguments.Count)
        {
            options = options with { Instance = arguments[at++] };
            literal = false;
        }

        if (!literal && at < arguments.Count && arguments[at] == "--") at++;
        return options with { Command = arguments.Skip(at).ToList() };
    }

    private static (string Flag, string? Inline) Divide(string argument)
    {
        var equals = argument.IndexOf('=');
        return argument.StartsWith("--", StringComparison.Ordinal) && equals > 0
            ? (argument[..equals], argument[(equals + 1)..])
            : (argument, null);
    }

    private static string Value(string flag, string? inline, IReadOnlyList<string> arguments, ref int at) =>
        inline ?? (at < arguments.Count ? arguments[at++] : throw CliException.Usage($"flag needs an argument: {flag}"));

    private static bool Switch(string flag, string? inline) => inline switch
    {
        null or "true" or "1" or "t" => true,
        "false" or "0" or "f" => false,
        _ => throw CliException.Usage($"invalid value `{inline}` for {flag}: true or false is expected"),
    };
}
