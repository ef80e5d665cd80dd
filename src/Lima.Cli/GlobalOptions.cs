using Lima.Cli.Output;

namespace Lima.Cli;

/// <summary>Options that every command takes.</summary>
internal sealed record GlobalOptions
{
    /// <summary>Least level that is shown.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Info;

    /// <summary>Log as JSON lines.</summary>
    public bool LogJson { get; init; }

    /// <summary>May questions be asked; null leaves it to the terminal.</summary>
    public bool? Tty { get; init; }

    /// <summary><c>--yes</c> was given.</summary>
    public bool Yes { get; init; }

    /// <summary>Reads the values as given.</summary>
    /// <exception cref="CliException">A value is not among those allowed, or two exclude each other.</exception>
    public static GlobalOptions From(string? level, string? format, bool debug, bool? tty, bool yes)
    {
        if (tty == true && yes) throw CliException.Usage("cannot use both --tty and --yes flags at the same time");
        return new GlobalOptions
        {
            LogLevel = level is { Length: > 0 } ? Level(level) : debug ? LogLevel.Debug : LogLevel.Info,
            LogJson = format switch
            {
                null or "" or "text" => false,
                "json" => true,
                _ => throw CliException.Usage($"unsupported log-format: `{format}`", "use text or json"),
            },
            Tty = yes ? false : tty,
            Yes = yes,
        };
    }

    private static LogLevel Level(string word) => word switch
    {
        "trace" => LogLevel.Trace,
        "debug" => LogLevel.Debug,
        "info" => LogLevel.Info,
        "warn" or "warning" => LogLevel.Warning,
        "error" => LogLevel.Error,
        _ => throw CliException.Usage($"unsupported log-level: `{word}`", "use trace, debug, info, warn or error"),
    };
}
