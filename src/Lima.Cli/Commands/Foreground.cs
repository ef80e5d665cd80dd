using Lima.Cli.Client;
using Lima.Contracts;

namespace Lima.Cli.Commands;

/// <summary>
/// Stays as long as an instance runs, for whoever supervises processes and no virtual machines: the end of one is the end
/// of the other, both ways.
/// </summary>
internal sealed class Foreground(CliContext context)
{
    private const int LooksMax = 50;
    private static readonly TimeSpan LookPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Returns when the instance has stopped; Ctrl-C and SIGTERM stop it in good order.</summary>
    /// <exception cref="CliException">It ended in an error, or is no more.</exception>
    public async Task StayAsync(string name, CancellationToken cancel)
    {
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var handler = context.World.OnInterrupt(interrupt.Cancel);
        try
        {
            context.Log.Info($"Staying in the foreground until instance `{name}` stops; Ctrl-C shuts it down");
            await UntilStoppedAsync(name, interrupt.Token);
        }
        catch (OperationCanceledException) when (interrupt.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            // A second Ctrl-C ends this process at once; the host goes on with the stop.
            handler.Dispose();
            context.Log.Info($"Shutting down instance `{name}`");
            await new Lifecycle(context).StopAsync(name, force: false, cancel);
        }
        finally
        {
            handler.Dispose();
        }
    }

    private async Task UntilStoppedAsync(string name, CancellationToken cancel)
    {
        var after = await context.Client.NewestEventAsync(cancel);
        // The place is known before the state is read, so no change falls between the two.
        if (Ended(name, await context.Client.FindAsync(name, cancel))) return;
        await new EventFollower(context, startHost: false).RunAsync(
            after, progress: false, async (host, _, stored) => stored?.Instance != name || !await HasEndedAsync(host, stored, cancel), cancel);
    }

    // The host's picture of an instance may be a moment behind its events.
    private async Task<bool> HasEndedAsync(HostClient host, EventView stored, CancellationToken cancel)
    {
        var end = stored.Type is "vm.stopped.v1" or "vm.failed.v1" or "vm.deleted.v1";
        for (var look = 0; look < LooksMax; look++)
        {
            var instance = await host.FindAsync(stored.Instance, cancel);
            if (Ended(stored.Instance, instance)) return true;
            if (!end || instance is not { Status: "Running", Intent: null }) return false;
            await Task.Delay(LookPause, context.World.Clock, cancel);
        }

        return false;
    }

    private static bool Ended(string name, InstanceView? instance) => instance switch
    {
        null => throw new CliException($"instance `{name}` was deleted") { Code = "instance-not-found" },
        { Status: "Error", Intent: null } => throw new CliException(
            $"instance `{name}` ended in an error: {instance.Cause?.Message}", instance.Cause?.Hint ?? $"see `limactl history {name}`") { Code = instance.Cause?.Code ?? "error" },
        { Status: "Stopped", Intent: null } => true,
        _ => false,
    };
}
