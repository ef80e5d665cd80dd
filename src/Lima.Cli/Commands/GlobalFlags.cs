using System.CommandLine;

namespace Lima.Cli.Commands;

/// <summary>The options that every command takes, as the parser knows them.</summary>
internal sealed class GlobalFlags
{
    private readonly Option<string?> _level = new("--log-level") { Description = "trace, debug, info, warn or error (default: info)", HelpName = "LEVEL", Recursive = true };
    private readonly Option<string?> _format = new("--log-format") { Description = "text or json (default: text)", HelpName = "FORMAT", Recursive = true };
    private readonly Option<bool> _debug = new("--debug") { Description = "same as --log-level=debug", Recursive = true };
    private readonly Option<bool?> _tty = new("--tty") { Description = "whether questions may be asked (default: when on a terminal)", HelpName = "BOOL", Recursive = true, Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "same as --tty=false", Recursive = true };
    private readonly Option<bool> _help = new("--help", "-h") { Description = "show help", Recursive = true };
    private readonly Option<bool> _version = new("--version") { Description = "print the version" };

    /// <summary>Adds them to the root command.</summary>
    public GlobalFlags(Command root)
    {
        Option[] all = [_level, _format, _debug, _tty, _yes, _help, _version];
        foreach (var option in all) root.Add(option);
    }

    /// <summary>Whether help was asked for.</summary>
    public bool Help(ParseResult parsed) => parsed.GetValue(_help);

    /// <summary>Whether the version was asked for.</summary>
    public bool Version(ParseResult parsed) => parsed.GetValue(_version);

    /// <summary>The values given.</summary>
    public GlobalOptions Options(ParseResult parsed) => GlobalOptions.From(
        parsed.GetValue(_level),
        parsed.GetValue(_format),
        parsed.GetValue(_debug),
        parsed.GetResult(_tty) is not { Implicit: false } ? null : parsed.GetValue(_tty) ?? true,
        parsed.GetValue(_yes));
}
