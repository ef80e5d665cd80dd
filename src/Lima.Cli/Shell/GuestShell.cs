using Lima.Contracts;
using Lima.Domain.Vms;

namespace Lima.Cli.Shell;

/// <summary>
/// Becomes OpenSSH, so that terminal, signals and exit status are its own. Everything comes from the instance's
/// directory; the host is asked only when the guest cannot be reached, for a good message.
/// </summary>
internal static class GuestShell
{
    private static readonly TimeSpan PauseLookLimit = TimeSpan.FromMilliseconds(200);
    private static readonly string[] LikelyMistakes = ["create", "start", "delete", "shell"];

    /// <summary>Runs a shell or a command in the guest; returns only in tests.</summary>
    /// <exception cref="CliException">No such instance, not running, or no OpenSSH.</exception>
    public static async Task<int> RunAsync(CliContext context, ShellOptions options, CancellationToken cancel)
    {
        var name = options.Instance ?? throw CliException.Usage("requires instance name as first argument", "limactl shell NAME [COMMAND…]");
        if (!VmName.TryParse(name, out _, out var problem)) throw new CliException(problem);
        if (options.Command is [var word, ..] && LikelyMistakes.Contains(word)) context.Log.Warn($"Perhaps you meant `limactl {word}`?");

        var directory = context.Paths.Instance(name);
        var config = SshConfigFile.TryRead(Path.Combine(directory, "ssh.config"));
        if (config is null || !Reachability.Answers(config))
        {
            await EnsureRunningAsync(context, name, options.Start, cancel);
            config = SshConfigFile.TryRead(Path.Combine(directory, "ssh.config"))
                ?? throw new CliException($"instance `{name}` runs, but `{directory}/ssh.config` is missing", $"run `limactl restart {name}`");
        }
        else if (await IsPausedAsync(context, name, cancel))
        {
            throw Paused(name);
        }

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
        var ssh = Ssh(world);
        List<string> arguments = [.. ssh, "-F", Path.Combine(directory, "ssh.config")];
        if (world.OutIsTerminal) arguments.Add("-t");
        if (world.Env("COLORTERM") is { Length: > 0 }) arguments.AddRange(["-o", "SendEnv=COLORTERM"]);
        arguments.AddRange(["-o", "LogLevel=ERROR", config.Alias, "--"]);
        arguments.Add(RemoteCommand.Build(start, shell, environment, options.Command));
        return new ExecRequest(ssh[0], arguments);
    }

    private static List<string> Ssh(CliWorld world)
    {
        var words = world.Env("SSH") is { Length: > 0 } configured ? ShellQuote.Split(configured).ToList() : [];
        if (words.Count == 0) words.Add("ssh");
        words[0] = ExecRequest.Find(words[0], world.Env("PATH"))
            ?? throw new CliException($"OpenSSH's client `{words[0]}` is not in PATH", "install it (Debian, Ubuntu: `apt install openssh-client`)");
        return words;
    }

    private static async Task EnsureRunningAsync(CliContext context, string name, bool? start, CancellationToken cancel)
    {
        if (!Directory.Exists(context.Paths.Instance(name))) throw Missing(name);
        var instance = await context.Client.FindAsync(name, cancel) ?? throw Missing(name);
        if (instance.Status is "Stopped" && (start ?? Ask(context, name)))
        {
            await new Commands.Lifecycle(context).StartAsync(name, Commands.StartOptions.Default, cancel);
            return;
        }

        if (NotReady(instance) is { } refusal) throw refusal;
    }

    // The sockets of a frozen guest accept connections and then say nothing for ever; only a host that runs, and answers at
    // once, is asked about it.
    private static async Task<bool> IsPausedAsync(CliContext context, string name, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(PauseLookLimit);
        try
        {
            using var client = await context.RunningHostAsync(limit.Token);
            return client is not null && await client.FindAsync(name, limit.Token) is { Status: "Paused" };
        }
        catch (Exception e) when (e is CliException or OperationCanceledException)
        {
            return false;
        }
    }

    private static CliException Paused(string name) => new($"instance `{name}` is paused, run `limactl resume {name}` to go on");

    private static CliException Missing(string name) =>
        new($"instance `{name}` does not exist, run `limactl create {name}` to create a new instance");

    private static CliException? NotReady(InstanceView instance) => instance.Status switch
    {
        "Running" => null,
        "Starting" => new($"instance `{instance.Name}` is still starting, run `limactl wait {instance.Name} --for running` first"),
        "Paused" => Paused(instance.Name),
        "Stopped" => new($"instance `{instance.Name}` is stopped, run `limactl start {instance.Name}` to start the instance"),
        _ => new(
            $"instance `{instance.Name}` is in state {instance.Status}" + (instance.Cause is { } cause ? $": {cause.Message}" : ""),
            instance.Cause?.Hint ?? $"run `limactl start {instance.Name}`"),
    };

    private static bool Ask(CliContext context, string name)
    {
        if (!context.MayAsk || !context.World.InIsTerminal) return false;
        context.World.Error.Write($"Instance `{name}` is stopped. Start it now? [Y/n] ");
        var answer = context.World.In.Value.ReadLine()?.Trim();
        return answer is "" or "y" or "Y" or "yes" or "Yes";
    }
}
