using Lima.Cli.Output;
using Lima.Cli.Shell;

namespace Lima.Cli;

/// <summary>The program <c>lima</c>: control verbs act on instances, every other word runs in the guest.</summary>
internal static class LimaProgram
{
    private static readonly HashSet<string> Verbs =
    [
        "start", "stop", "restart", "pause", "resume", "list", "ls", "delete", "rm", "create", "info", "history", "events", "wait", "host",
        "image", "validate", "completion",
    ];

    /// <summary>Runs a command line of <c>lima</c>.</summary>
    public static Task<int> RunAsync(IReadOnlyList<string> arguments, CliWorld world, Action<Log> useLog)
    {
        switch (arguments)
        {
            case ["-h" or "--help"]:
                world.Out.Write(Help);
                return Task.FromResult(ExitCodes.Success);
            case ["-v" or "--version"]:
                return CliApp.LimactlAsync(["--version"], world, useLog);
            case [var verb, ..] when Verbs.Contains(verb):
                return CliApp.LimactlAsync(arguments, world, useLog, Instance(world, CliContext.UsualInstance));
            default:
                return CliApp.ShellAsync(ShellOptions.Parse(arguments, Defaults(world, CliContext.UsualInstance)), world, useLog);
        }
    }

    /// <summary>What the environment says about shells in guests.</summary>
    public static ShellOptions Defaults(CliWorld world, string instance) => new()
    {
        Instance = Instance(world, instance),
        Shell = world.Env("LIMA_SHELL"),
        WorkDir = world.Env("LIMA_WORKDIR"),
    };

    private static string Instance(CliWorld world, string otherwise) =>
        world.Env("LIMA_INSTANCE") is { Length: > 0 } chosen ? chosen : otherwise;

    private const string Help = """
        lima: run a command in the instance `default`

        Usage:
          lima                      open a shell in the instance
          lima COMMAND [ARGS…]      run COMMAND in the instance, for example `lima uname -a`
          lima -- COMMAND [ARGS…]   the same, even when COMMAND is one of the verbs below
          lima VERB [ARGS…]         control instances, like `limactl VERB`:
                                    start stop restart pause resume list delete create info history
                                    events wait host image validate completion

        Options (before COMMAND):
          --shell SHELL, --workdir DIRECTORY, --sync DIRECTORY, --preserve-env, --reconnect,
          --start                   see `limactl shell --help`

        Environment:
          LIMA_INSTANCE   instance to use (default: default)
          LIMA_SHELL      shell to use in the instance
          LIMA_WORKDIR    directory to start in

        Examples:
          lima start
          lima uname -a
          LIMA_INSTANCE=web lima sudo systemctl status nginx

        """;
}
