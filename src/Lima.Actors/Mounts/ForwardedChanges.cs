using System.Collections.Immutable;
using Akka.Event;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Mounts.Changes;
using Lima.Drivers.Ssh;

namespace Lima.Actors.Mounts;

/// <summary>The forwarding of changes (<c>mountInotify</c>) over the session that there is, for the mounts that there are.</summary>
internal sealed class ForwardedChanges(IChangeForwarding? forwarding, VmName name, ILoggingAdapter log)
{
    private ISshSession? _session;
    private ImmutableArray<MountSpec> _mounts = [];
    private Task<IChangeForwarder>? _forwarder;

    /// <summary>Goes over to that session and those mounts; to none without a session or without a writable mount.</summary>
    public void Follow(ISshSession? session, ImmutableArray<MountSpec> mounts)
    {
        mounts = mounts.RemoveAll(mount => !mount.Writable);
        if (forwarding is null || (ReferenceEquals(session, _session) && mounts.SequenceEqual(_mounts))) return;
        Stop();
        (_session, _mounts) = (session, mounts);
        if (session is null || mounts.IsEmpty) return;
        // Looking for the directories may take a while where they are on a network.
        _forwarder = Task.Run(() => forwarding.Start(mounts, session));
        _ = SayAsync(_forwarder);
    }

    /// <summary>Ends it.</summary>
    public void Stop()
    {
        if (_forwarder is { } forwarder) _ = EndAsync(forwarder);
        (_session, _mounts, _forwarder) = (null, [], null);
    }

    private static async Task EndAsync(Task<IChangeForwarder> starting)
    {
        await ((Task)starting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (starting.IsCompletedSuccessfully) await (await starting).DisposeAsync();
    }

    private async Task SayAsync(Task<IChangeForwarder> starting)
    {
        try
        {
            var forwarder = await starting;
            await forwarder.Watching;
            foreach (var problem in forwarder.Problems) log.Warning("{VmName}: mountInotify: {Problem}", name, problem);
        }
        catch (Exception e)
        {
            log.Warning("{VmName}: mountInotify: {Problem}", name, e.Message);
        }
    }
}
