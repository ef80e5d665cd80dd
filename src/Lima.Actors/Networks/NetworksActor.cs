using Akka.Actor;
using Akka.Event;
using Lima.Domain.Networks;
using Lima.Domain.Vms;

namespace Lima.Actors.Networks;

/// <summary>
/// The networks of ours, one child for each that was needed. It knows which cards belong to which network, so that a network that has
/// failed is made again, after a growing pause, with all its cards.
/// </summary>
public sealed class NetworksActor : ReceiveActor, IWithTimers
{
    private readonly NetworkServices _services;
    private readonly TimeProvider _time;
    private readonly TimeSpan _backoffMin, _backoffMax;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<string, Network> _networks = [];
    private int _made;

    /// <summary>Use <see cref="Props"/>; Akka needs the constructor to be public.</summary>
    public NetworksActor(NetworkServices services, TimeProvider time, TimeSpan backoffMin, TimeSpan backoffMax)
    {
        (_services, _time, _backoffMin, _backoffMax) = (services, time, backoffMin, backoffMax);
        Receive<NetworkProtocol.Join>(OnJoin);
        Receive<NetworkProtocol.Joined>(m => Of(m.Member).Failures = 0);
        Receive<NetworkProtocol.Refused>(OnRefused);
        Receive<NetworkProtocol.Leave>(OnLeave);
        Receive<Ended>(OnEnded);
        Receive<Again>(m => Restore(m.Name));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>How to make one.</summary>
    public static Props Props(NetworkServices services, TimeProvider time, TimeSpan backoffMin, TimeSpan backoffMax) =>
        Akka.Actor.Props.Create(() => new NetworksActor(services, time, backoffMin, backoffMax));

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private void OnJoin(NetworkProtocol.Join join)
    {
        var network = Of(join.Member);
        network.Members[(join.Member.Vm, join.Member.Card)] = join.Member;
        Keeper(join.Member.Network, network).Forward(join);
    }

    // A machine that is yet to start does not; one that runs is attached as soon as what was wrong has been corrected.
    private void OnRefused(NetworkProtocol.Refused refused)
    {
        var (member, network) = (refused.Member, Of(refused.Member));
        if (refused.IsNew) network.Members.Remove((member.Vm, member.Card));
        else Timers.StartSingleTimer($"again-{member.Network}", new Again(member.Network), _backoffMax);
    }

    private void OnLeave(NetworkProtocol.Leave leave)
    {
        foreach (var network in _networks.Values)
        {
            var cards = network.Members.Values.Where(member => member.Vm == leave.Vm).ToList();
            foreach (var card in cards) network.Members.Remove((card.Vm, card.Card));
            if (cards.Count > 0) network.Keeper?.Tell(leave);
        }
    }

    private void OnEnded(Ended ended)
    {
        if (!_networks.TryGetValue(ended.Name, out var network) || !ended.Keeper.Equals(network.Keeper)) return;
        network.Keeper = null;
        var wait = _backoffMin * Math.Pow(2, Math.Min(network.Failures++, 10));
        wait = wait < _backoffMax ? wait : _backoffMax;
        _log.Error("network {Network} has failed; it is made again in {Wait}", ended.Name, wait);
        Timers.StartSingleTimer($"again-{ended.Name}", new Again(ended.Name), wait);
    }

    private void Restore(string name)
    {
        if (!_networks.TryGetValue(name, out var network)) return;
        foreach (var member in network.Members.Values.ToList()) Keeper(name, network).Tell(new NetworkProtocol.Join(member, IsNew: false), ActorRefs.Nobody);
    }

    private Network Of(NetworkMember member)
    {
        if (!_networks.TryGetValue(member.Network, out var network)) _networks[member.Network] = network = new Network();
        return network;
    }

    private IActorRef Keeper(string name, Network network)
    {
        if (network.Keeper is { } keeper) return keeper;
        // Names of networks may have letters that names of actors must not have.
        keeper = Context.ActorOf(NetworkActor.Props(name, _services, _time), $"network-{++_made}");
        Context.WatchWith(keeper, new Ended(name, keeper));
        return network.Keeper = keeper;
    }

    private sealed class Network
    {
        public IActorRef? Keeper { get; set; }

        // A card that two VMs claim is refused to the second; the first must not be forgotten with it.
        public Dictionary<(VmId Vm, Mac Card), NetworkMember> Members { get; } = [];

        public int Failures { get; set; }
    }

    private sealed record Ended(string Name, IActorRef Keeper);
    private sealed record Again(string Name);
}
