using Lima.Cli.Syncing;

namespace Lima.Cli.Shell;

/// <summary>
/// Becomes OpenSSH, so that terminal, signals and exit status are its own; only where a directory has to be brought back
/// afterwards does it stay and wait for it.
/// </summary>
internal static class GuestShell
{
    private static readonly string[] LikelyMistakes = ["create", "start", "delete", "shell"];

    /// <summary>Runs a shell or a command in the guest; returns only in tests.</summary>
    /// <exception cref="CliException">No such instance, not running, or no OpenSSH.</exception>
    public static async Task<int> RunAsync(CliContext context, ShellOptions options, CancellationToken cancel)
    {
        var name = options.Instance ?? throw CliException.Usage("requires instance name as first argument", "limactl shell NAME [COMMAND…]");
        if (options.Command is [var word, ..] && LikelyMistakes.Contains(word)) context.Log.Warn($"Perhaps you meant `limactl {word}`?");

        // With a directory to bring back it is the way to agree beforehand.
        if (options.Sync is null) context.WarnYes();
        var synced = options.Sync is { Length: > 0 } synchronise ? new SyncedShell(context, options, synchronise) : null;
        var config = await new GuestAccess(context).ReachAsync(name, options.Start, mayAsk: true, cancel);
        if (options.Reconnect) await ControlMaster.EndAsync(context, name, config, cancel);
        if (synced is not null) return await synced.RunAsync(name, config, cancel);
        var directory = context.Paths.Instance(name);
        return context.World.Exec(Request(context.World, directory, config, options));
    }

    /// <summary>The whole command line of OpenSSH.</summary>
    public static ExecRequest Request(CliWorld world, string directory, SshConfigFile config, ShellOptions options)
    {
        var settings = InstanceSettings.Read(Path.Combine(directory, "lima.yaml"), world.UserHome);
        var start = WorkingDirectory.Choose(options.WorkDir, world.WorkingDirectory, world.UserHome, settings.Shared);
        var shell = options.Shell is { Length: > 0 } asked ? ShellQuote.Word(asked)
            : settings.LoginShell is { } configured ? ShellQuote.Word(configured)
            : "\"$SHELL\"";
        var environment = options.PreserveEnv
            ? new EnvironmentFilter(world.Env("LIMA_SHELLENV_BLOCK"), world.Env("LIMA_SHELLENV_ALLOW")).Apply(world.AllEnv())
            : [];
        var ssh = SshProgram.Words(world);
        List<string> arguments = [.. ssh, "-F", Path.Combine(directory, "ssh.config")];
        if (world.OutIsTerminal) arguments.Add("-t");
        if (world.Env("COLORTERM") is { Length: > 0 }) arguments.AddRange(["-o", "SendEnv=COLORTERM"]);
        arguments.AddRange(["-o", "LogLevel=ERROR", config.Alias, "--"]);
        arguments.Add(RemoteCommand.Build(start, shell, environment, options.Command));
        return new ExecRequest(ssh[0], arguments);
    }
}
