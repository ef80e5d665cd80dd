using Akka.Actor;
using Akka.Hosting;
using Lima.Actors.Vms;
using Lima.Drivers.Instances;

namespace Lima.Host.Api;

/// <summary>
/// Notices directories that came or went by other hands. One look at the home's own time stamp for each request, and a
/// scan only when that has changed: no watcher, no timer.
/// </summary>
internal sealed class HomeWatch(IRequiredActor<VmManagerActor> manager, VmReadModel model, IInstanceStore store, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(10);
    private readonly HomeStamp _stamp = new(store.Home, time);
    private readonly SemaphoreSlim _one = new(1, 1);
    private long _begun;
    private long _done;

    /// <summary>
    /// Returns once every VM has been looked at after the host's start, or after a limit: one that cannot be looked at must
    /// not keep the others from being shown.
    /// </summary>
    public async Task ReadyAsync()
    {
        if (!model.Ready.IsCompleted) await Task.WhenAny(model.Ready, Task.Delay(ReadyLimit));
    }

    /// <summary>Returns once the read model agrees with the directories, or after a limit.</summary>
    public async Task RescanIfChangedAsync()
    {
        await ReadyAsync();
        if (!MustScan(out _)) return;
        var before = Volatile.Read(ref _begun);
        if (!await _one.WaitAsync(Limit)) return;
        try
        {
            // Requests that come together need one scan, not one each: any that began after this one came will do.
            if (_done <= before && MustScan(out var look)) await ScanAsync(look);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    // What is wrong inside a directory is put right without a trace in the home's own time stamp.
    private bool MustScan(out HomeStamp.Look look) => _stamp.HasChanged(out look) || store.Unusable.Count > 0;

    private async Task ScanAsync(HomeStamp.Look look)
    {
        var number = Interlocked.Increment(ref _begun);
        try
        {
            // While its journal fails, the manager is stood in for by an actor that refuses everything.
            if (await manager.ActorRef.Ask<object>(new VmProtocol.Scan(), Limit) is not VmProtocol.Scanned) return;
            _done = number;
            _stamp.Saw(look);
        }
        catch (AskTimeoutException)
        {
            // The list is as good as it was; the next request tries again.
        }
    }
}
