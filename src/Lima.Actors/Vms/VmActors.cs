using Akka.Actor;
using Lima.Domain.Vms;

namespace Lima.Actors.Vms;

/// <summary>
/// The manager's VM actors by identity: made on demand, stopped when idle, brought back with a growing pause when their
/// journal has failed. Messages for one that is being stopped wait until it has said whether it really was idle.
/// </summary>
internal sealed class VmActors(IActorContext context, VmServices services, IActorRef admission)
{
    private readonly Dictionary<VmId, IActorRef> _live = [];
    private readonly Dictionary<VmId, List<(object Message, IActorRef Sender)>> _held = [];
    private readonly Dictionary<VmId, int> _failures = [];
    private int _made;

    /// <summary>An actor has ended.</summary>
    public sealed record Ended(VmId Id, IActorRef Actor);

    /// <summary>Time to bring one back.</summary>
    public sealed record Respawn(VmId Id);

    public bool IsLive(VmId id) => _live.ContainsKey(id);

    /// <summary>Delivers a message, making the actor first when there is none.</summary>
    public void Tell(VmId id, object message, IActorRef sender)
    {
        if (_held.TryGetValue(id, out var held))
        {
            if (held.Count < services.Settings.StashCapacity) held.Add((message, sender));
            else sender.Tell(VmManagerActor.Busy);
            return;
        }

        Get(id).Tell(message, sender);
    }

    /// <summary>An idle actor wants to leave: what comes for it from now on is held until it has answered.</summary>
    public void Passivate(VmId id)
    {
        if (!_live.TryGetValue(id, out var vm) || _held.ContainsKey(id)) return;
        _held[id] = [];
        vm.Tell(new VmProtocol.StopIfIdle());
    }

    /// <summary>It was not idle after all.</summary>
    public void Stay(VmId id) => Release(id);

    public void Stop(VmId id)
    {
        if (_held.Remove(id, out var held))
        {
            foreach (var (_, sender) in held) sender.Tell(VmManagerActor.Gone);
        }

        _failures.Remove(id);
        if (!_live.Remove(id, out var vm)) return;
        context.Unwatch(vm);
        context.Stop(vm);
    }

    /// <summary>
    /// Takes note of an end. Null when all is well (it was idle); else how long to wait before it is brought back.
    /// </summary>
    public TimeSpan? OnEnded(Ended ended, bool stillKnown)
    {
        if (!_live.TryGetValue(ended.Id, out var vm) || !vm.Equals(ended.Actor)) return null;
        _live.Remove(ended.Id);
        if (_held.ContainsKey(ended.Id))
        {
            Release(ended.Id);
            return null;
        }

        if (!stillKnown) return null;
        var failures = _failures[ended.Id] = _failures.GetValueOrDefault(ended.Id) + 1;
        var wait = services.Settings.BackoffMin * Math.Pow(2, Math.Min(failures - 1, 10));
        return wait < services.Settings.BackoffMax ? wait : services.Settings.BackoffMax;
    }

    /// <summary>It has been recovered; the next failure starts with a short pause again.</summary>
    public void Well(VmId id) => _failures.Remove(id);

    private void Release(VmId id)
    {
        if (!_held.Remove(id, out var held)) return;
        foreach (var (message, sender) in held) Get(id).Tell(message, sender);
    }

    private IActorRef Get(VmId id)
    {
        if (_live.TryGetValue(id, out var vm)) return vm;
        // A name is taken until its bearer has ended, so the first is the id alone and later ones are numbered.
        var name = context.Child(id.Value).IsNobody() ? id.Value : $"{id.Value}-{++_made}";
        vm = context.ActorOf(VmActor.Props(id, services, admission), name);
        context.WatchWith(vm, new Ended(id, vm));
        return _live[id] = vm;
    }
}
