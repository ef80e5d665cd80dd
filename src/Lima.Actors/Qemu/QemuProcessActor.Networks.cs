using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Lima.Actors.Networks;
using Lima.Domain.Networks;
using Lima.Domain.Vms;
using Lima.Drivers;
using Lima.Drivers.Hypervisors;
using Lima.Drivers.Instances;

namespace Lima.Actors.Qemu;

/// <content>Networks of ours: the cards are attached before QEMU is launched, and again when a living one is found.</content>
public sealed partial class QemuProcessActor
{
    private static readonly TimeSpan JoinLimit = TimeSpan.FromSeconds(30);

    private Joining? _joining;

    private void ReceiveNetworks()
    {
        Receive<NetworkProtocol.Joined>(OnJoined);
        Receive<NetworkProtocol.Refused>(OnRefused);
        Receive<JoinLate>(m => m.Joining.Done.TrySetException(new DriverException(
            VmCauses.LaunchFailed, "attaching to the network", $"network `{m.Joining.Left.Values.First().Network}` did not come up within {JoinLimit.TotalSeconds:0} s", "see host.log")));
    }

    /// <summary>Attaches the cards of the machine that is to be launched; done when all are, failed when one cannot be.</summary>
    private Task JoinAsync(PreparedInstance prepared)
    {
        var spec = prepared.Launch.Spec;
        // One of an unknown type is refused with a better reason by who launches it.
        if (_services.Networks is null || !_services.Hypervisors.VmTypes.Contains(spec.VmType)) return Task.CompletedTask;
        var members = _services.Hypervisors.Get(spec.VmType).Cards(spec, _directory).Select(Member).DistinctBy(member => member.Card).ToDictionary(member => member.Card);
        if (members.Count == 0) return Task.CompletedTask;
        var joining = _joining = new Joining(members, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        foreach (var member in members.Values) _services.NetworkKeeper.Tell(new NetworkProtocol.Join(member, IsNew: true));
        Timers.StartSingleTimer("join", new JoinLate(joining), JoinLimit);
        return joining.Done.Task;
    }

    /// <summary>Attaches the cards of a machine that was found.</summary>
    private void JoinAgain(ImmutableArray<MachineCard> cards)
    {
        foreach (var card in cards) _services.NetworkKeeper.Tell(new NetworkProtocol.Join(Member(card), IsNew: false));
    }

    private void LeaveNetworks()
    {
        EndJoining();
        _services.NetworkKeeper.Tell(new NetworkProtocol.Leave(_id));
    }

    private void OnJoined(NetworkProtocol.Joined joined)
    {
        if (_joining is not { } joining || !joining.Left.Remove(joined.Member.Card) || joining.Left.Count > 0) return;
        joining.Done.TrySetResult();
        EndJoining();
    }

    private void OnRefused(NetworkProtocol.Refused refused)
    {
        if (_joining is { } joining && joining.Left.ContainsKey(refused.Member.Card)) joining.Done.TrySetException(new DriverException(refused.Cause));
        // The machine runs; without this network it is still of use.
        else _log.Warning("{VmName}: not attached to network {Network}: {Reason}", _directory.Name, refused.Member.Network, refused.Cause.Message);
    }

    private void EndJoining()
    {
        Timers.Cancel("join");
        _joining?.Done.TrySetCanceled();
        _joining = null;
    }

    private NetworkMember Member(MachineCard card) => new(_id, _directory.Name.Value, card.Network, card.Card, card.GuestSocket);

    private sealed record Joining(Dictionary<Mac, NetworkMember> Left, TaskCompletionSource Done);
    private sealed record JoinLate(Joining Joining);
}
