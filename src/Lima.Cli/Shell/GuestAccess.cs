using Lima.Contracts;
using Lima.Domain.Vms;

namespace Lima.Cli.Shell;

/// <summary>
/// Where an instance's SSH server is, once it is worth a try. Everything comes from the instance's directory; the host is
/// asked only when the guest cannot be reached, for a good message.
/// </summary>
internal sealed class GuestAccess(CliContext context)
{
    private static readonly TimeSpan PauseLookLimit = TimeSpan.FromMilliseconds(200);

    /// <summary>The instance's SSH settings; it answers.</summary>
    /// <param name="name">Name of the instance, not yet checked.</param>
    /// <param name="start">Whether to start a stopped one; null when not said.</param>
    /// <param name="mayAsk">Ask when it is stopped and <paramref name="start"/> is not said.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="CliException">No such instance, or it does not run.</exception>
    public async Task<SshConfigFile> ReachAsync(string name, bool? start, bool mayAsk, CancellationToken cancel)
    {
        if (!VmName.TryParse(name, out _, out var problem)) throw new CliException(problem);
        var directory = context.Paths.Instance(name);
        var config = SshConfigFile.TryRead(Path.Combine(directory, "ssh.config"));
        if (config is null || !Reachability.Answers(config))
        {
            await EnsureRunningAsync(name, start, mayAsk, cancel);
            return SshConfigFile.TryRead(Path.Combine(directory, "ssh.config"))
                ?? throw new CliException($"instance `{name}` runs, but `{directory}/ssh.config` is missing", $"run `limactl restart {name}`");
        }

        return await IsPausedAsync(name, cancel) ? throw Paused(name) : config;
    }

    private async Task EnsureRunningAsync(string name, bool? start, bool mayAsk, CancellationToken cancel)
    {
        if (!Directory.Exists(context.Paths.Instance(name))) throw Missing(name);
        var instance = await context.Client.FindAsync(name, cancel) ?? throw Missing(name);
        if (instance.Status is "Stopped" && (start ?? (mayAsk && Ask(name))))
        {
            await new Commands.Lifecycle(context).StartAsync(name, Commands.StartOptions.Default, cancel);
            return;
        }

        if (NotReady(instance) is { } refusal) throw refusal;
    }

    // The sockets of a frozen guest accept connections and then say nothing for ever; only a host that runs, and answers at
    // once, is asked about it.
    private async Task<bool> IsPausedAsync(string name, CancellationToken cancel)
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

    private bool Ask(string name)
    {
        if (!context.MayAsk || !context.World.InIsTerminal) return false;
        context.World.Error.Write($"Instance `{name}` is stopped. Start it now? [Y/n] ");
        var answer = context.World.In.Value.ReadLine()?.Trim();
        return answer is "" or "y" or "Y" or "yes" or "Yes";
    }
}
