using Akka.Actor;
using Akka.Hosting;
using Lima.Actors.Vms;
using Lima.Drivers.Instances;

namespace Lima.Host.Api;

/// <summary>
/// Notices directories that came or went by other hands. One look at the home's own time stamp for each request, and a
/// scan only when that has changed: no watcher, no timer.
/// </summary>
internal sealed class HomeWatch(IRequiredActor<VmManagerActor> manager, VmReadModel model, IInstanceStore store)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(10);
    private long _seen;

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
        var stamp = Directory.GetLastWriteTimeUtc(store.Home.Path).Ticks;
        var seen = Interlocked.Read(ref _seen);
        if (seen == stamp) return;
        // The first look after the start needs none: the manager has just scanned.
        try
        {
            await manager.ActorRef.Ask<VmProtocol.Scanned>(new VmProtocol.Scan(), Limit);
            Interlocked.Exchange(ref _seen, stamp);
        }
        catch (AskTimeoutException)
        {
            // The list is as good as it was; the next request tries again.
        }
    }
}
