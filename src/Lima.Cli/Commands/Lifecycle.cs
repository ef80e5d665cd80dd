using Lima.Cli.Client;
using Lima.Cli.Output;
using Lima.Cli.Templates;
using Lima.Contracts;

namespace Lima.Cli.Commands;

/// <summary>Sends a command for an instance, shows what becomes of it, and judges how it ended.</summary>
internal sealed class Lifecycle(CliContext context)
{
    // What the host itself needs beyond its own deadline to report that it passed.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan CancelLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StepLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan CreateLimit = TimeSpan.FromHours(2);
    private const int SerialLines = 10;

    /// <summary>Creates an instance; Ctrl-C takes it back.</summary>
    public async Task CreateAsync(string name, TemplateText template, CancellationToken cancel)
    {
        var request = new CreateRequest { CommandId = NewId(), Name = name, Yaml = template.Yaml, Source = template.Source };
        var accepted = await context.Client.CreateAsync(request, cancel);
        var settled = await WatchAsync(name, accepted.After, CreateLimit, false, () => TakeBackAsync(name), cancel);
        if (settled is null) throw new CliException($"instance `{name}` was not created", $"see `limactl host logs`");
        if (settled.Status is "Error" or "Broken") throw Failure(settled, "was not created");
    }

    /// <summary>Starts an instance and waits until it is ready; Ctrl-C stops it again.</summary>
    public Task StartAsync(string name, StartOptions options, CancellationToken cancel) => BringUpAsync(name, "start", false, options, cancel);

    /// <summary>Stops and starts an instance.</summary>
    public Task RestartAsync(string name, bool force, StartOptions options, CancellationToken cancel) =>
        BringUpAsync(name, "restart", force, options, cancel);

    /// <summary>Stops an instance and waits until it has stopped.</summary>
    public async Task StopAsync(string name, bool force, CancellationToken cancel) =>
        await ReachAsync(name, "stop", "Stopped", "stopped", force, cancel);

    /// <summary>Freezes an instance.</summary>
    public async Task PauseAsync(string name, CancellationToken cancel) =>
        await ReachAsync(name, "pause", "Paused", "paused", false, cancel);

    /// <summary>Lets a frozen instance go on.</summary>
    public async Task ResumeAsync(string name, CancellationToken cancel) =>
        await ReachAsync(name, "resume", "Running", "running", false, cancel);

    /// <summary>Deletes an instance and waits until it is gone; a missing one is only worth a warning.</summary>
    public async Task DeleteAsync(string name, bool force, CancellationToken cancel)
    {
        Accepted accepted;
        try
        {
            accepted = await context.Client.DeleteAsync(name, new CommandRequest { CommandId = NewId(), Force = force }, cancel);
        }
        catch (CliException e) when (e.IsNotFound)
        {
            context.Log.Warn($"Ignoring non-existent instance `{name}`");
            return;
        }

        if (await WatchAsync(name, accepted.After, StepLimit, false, null, cancel) is { } still)
            throw Failure(still, "was not deleted");
        await new AutostartUnit(context.World, context.Paths).ForgetAsync(name, cancel);
        context.Log.Info($"Deleted `{name}` (`{accepted.Instance.Dir}`)");
    }

    private async Task BringUpAsync(string name, string verb, bool force, StartOptions options, CancellationToken cancel)
    {
        context.WarnRoot();
        var request = new CommandRequest { CommandId = NewId(), Force = force, TimeoutSeconds = options.Timeout.TotalSeconds };
        var accepted = await context.Client.CommandAsync(name, verb, request, cancel);
        if (!accepted.Changed && accepted.Instance is { Status: "Running", Intent: null })
        {
            context.Log.Info($"The instance `{name}` is already running. Run `{OpenCommand(name)}` to open the shell.");
            return;
        }

        var settled = await WatchAsync(name, accepted.After, options.Timeout + Grace, options.GuestLines, () => CancelStartAsync(name), cancel);
        if (settled is null) throw new CliException($"instance `{name}` was deleted while it was starting");
        if (settled.Status != "Running") throw Failure(settled, "did not start");
        foreach (var cause in settled.Degraded ?? []) context.Log.Warn(cause.Hint is { Length: > 0 } hint ? $"{Describe(cause)} ({hint})" : Describe(cause));
        if (settled.Degraded is { Count: > 0 })
            throw new CliException($"instance `{name}` runs, but is degraded", $"it can be used with `{OpenCommand(name)}`; `limactl restart {name}` tries again");
        context.Log.Info($"READY. Run `{OpenCommand(name)}` to open the shell.");
        if (settled.Message is { Length: > 0 } message)
            context.Log.Info($"Message from the instance `{name}`:\n{message.TrimEnd()}");
    }

    private string OpenCommand(string name) =>
        name == (context.World.Env("LIMA_INSTANCE") is { Length: > 0 } chosen ? chosen : "default") ? "lima" : $"limactl shell {name}";

    private async Task ReachAsync(string name, string verb, string status, string done, bool force, CancellationToken cancel)
    {
        var accepted = await context.Client.CommandAsync(name, verb, new CommandRequest { CommandId = NewId(), Force = force }, cancel);
        if (!accepted.Changed && accepted.Instance.Status == status && accepted.Instance.Intent is null)
        {
            context.Log.Info($"The instance `{name}` is already {done}");
            return;
        }

        var settled = await WatchAsync(name, accepted.After, StepLimit, false, null, cancel);
        if (settled is null) throw new CliException($"instance `{name}` was deleted meanwhile");
        if (settled.Status != status) throw Failure(settled, $"is not {done}");
        context.Log.Info($"The instance `{name}` is {done}");
    }

    // Follows until settled. A limit or Ctrl-C ends it; for the latter the caller says how to leave things clean.
    private async Task<InstanceView?> WatchAsync(
        string name, long after, TimeSpan limit, bool guestLines, Func<Task>? undo, CancellationToken cancel)
    {
        var follower = new InstanceFollower(context.Client, context.World.Clock);
        using var deadline = new CancellationTokenSource(limit, context.World.Clock);
        using var interrupt = new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, deadline.Token, interrupt.Token);
        var handler = undo is null ? null : context.World.OnInterrupt(interrupt.Cancel);
        try
        {
            using var display = context.Display(guestLines);
            return await follower.SettleAsync(name, after, display, either.Token);
        }
        catch (OperationCanceledException) when (interrupt.IsCancellationRequested)
        {
            // From here on a second Ctrl-C ends the process at once.
            handler?.Dispose();
            handler = null;
            context.Log.Warn($"interrupted; leaving instance `{name}` clean");
            await undo!();
            throw new CliException("interrupted by the user", exitCode: ExitCodes.Interrupted);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            throw new CliException($"instance `{name}` did not settle within {Sizes.Text(limit)}", $"see `limactl list {name}` and `limactl host logs`");
        }
        finally
        {
            handler?.Dispose();
        }
    }

    private async Task CancelStartAsync(string name)
    {
        using var limit = new CancellationTokenSource(CancelLimit, context.World.Clock);
        var request = new CommandRequest { CommandId = NewId(), Force = true };
        await UndoAsync(name, () => context.Client.CommandAsync(name, "stop", request, limit.Token), limit.Token);
    }

    private async Task TakeBackAsync(string name)
    {
        using var limit = new CancellationTokenSource(CancelLimit, context.World.Clock);
        var request = new CommandRequest { CommandId = NewId(), Force = true };
        await UndoAsync(name, () => context.Client.DeleteAsync(name, request, limit.Token), limit.Token);
    }

    private async Task UndoAsync(string name, Func<Task<Accepted>> send, CancellationToken limit)
    {
        try
        {
            var accepted = await send();
            using var silent = new SilentProgress();
            await new InstanceFollower(context.Client, context.World.Clock).SettleAsync(name, accepted.After, silent, limit);
        }
        catch (CliException e)
        {
            context.Log.Warn($"could not clean up instance `{name}`: {e.Message}");
        }
        catch (OperationCanceledException)
        {
            context.Log.Warn($"instance `{name}` did not settle within {Sizes.Text(CancelLimit)}; see `limactl list {name}`");
        }
    }

    private CliException Failure(InstanceView instance, string what)
    {
        var serial = FileTail.Lines(Path.Combine(instance.Dir, "serial.log"), SerialLines);
        if (serial.Count > 0 && instance.Status == "Error")
        {
            context.Log.Error($"last lines of the guest's console (`{instance.Dir}/serial.log`):");
            foreach (var line in serial) context.Log.Error("  " + line);
        }

        var why = instance.Cause is { } cause ? Describe(cause) : $"it is {instance.Status}";
        return new CliException($"instance `{instance.Name}` {what}: {why}", instance.Cause?.Hint ?? $"see `limactl history {instance.Name}`");
    }

    private static string Describe(CauseView cause) => cause.Step.Length > 0 ? $"{cause.Step}: {cause.Message}" : cause.Message;

    private static string NewId() => Guid.NewGuid().ToString();
}
