using System.Collections.Concurrent;
using Lima.Domain.Vms;

namespace Lima.Actors.Qemu;

/// <summary>
/// Preparing and launching that is under way, by VM. It goes on for a moment when the actor that began it has ended, so
/// the next one waits here before it looks for QEMU or begins such work itself: otherwise a machine could live twice.
/// </summary>
internal sealed class BootWork
{
    private readonly ConcurrentDictionary<VmId, Task> _running = [];

    /// <summary>Does the work once what went before for that VM has ended.</summary>
    public Task<T> Run<T>(VmId id, Func<Task<T>> work)
    {
        var before = _running.GetValueOrDefault(id, Task.CompletedTask);
        var task = Task.Run(async () =>
        {
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return await work();
        });
        _running[id] = task;
        _ = task.ContinueWith(t => _running.TryRemove(KeyValuePair.Create<VmId, Task>(id, t)), TaskScheduler.Default);
        return task;
    }

    /// <summary>Completes when no work of that VM is under way; its outcome does not matter here.</summary>
    public async Task EndedAsync(VmId id, CancellationToken cancel)
    {
        if (!_running.TryGetValue(id, out var task)) return;
        await task.WaitAsync(cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancel.ThrowIfCancellationRequested();
    }
}
