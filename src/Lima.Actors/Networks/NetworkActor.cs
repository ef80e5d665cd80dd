using Akka.Actor;
using Akka.Event;
using Lima.Domain.Networks;
using Lima.Domain.Vms;
using Lima.Drivers;
using Lima.Drivers.Networks;

namespace Lima.Actors.Networks;

/// <summary>
/// Keeps one network: brings it up for the first card, attaches and detaches in the order of the messages, and ends when it fails,
/// so that its parent makes a new one with the same cards.
/// </summary>
public sealed class NetworkActor : ReceiveActor
{
    private readonly string _name;
    private readonly NetworkServices _services;
    private readonly TimeProvider _time;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopped = new();

    /// <summary>What is being done; one thing follows the other.</summary>
    private Task _work = Task.CompletedTask;

    /// <summary>Touched by <see cref="_work"/> alone.</summary>
    private VirtualNetwork? _network;

    /// <summary>Use <see cref="Props"/>; Akka needs the constructor to be public.</summary>
    public NetworkActor(string name, NetworkServices services, TimeProvider time)
    {
        (_name, _services, _time) = (name, services, time);
        Receive<NetworkProtocol.Join>(OnJoin);
        Receive<NetworkProtocol.Leave>(OnLeave);
        Receive<Done>(OnDone);
        Receive<Failed>(m => throw new InvalidOperationException($"network {_name} has failed: {m.Cause.Message}", m.Cause));
    }

    /// <summary>How to make one.</summary>
    public static Props Props(string name, NetworkServices services, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new NetworkActor(name, services, time));

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _stopped.Cancel();
        _services.Model.Remove(_name);
        _ = EndAsync(_work);
    }

    private void OnJoin(NetworkProtocol.Join join)
    {
        var (self, sender, member) = (Self, Sender, join.Member);
        Do(async () =>
        {
            var network = await OpenAsync(self);
            await network.JoinAsync(member, join.IsNew);
            return network;
        }).PipeTo(
            self, sender,
            success: network => new Done(sender, new NetworkProtocol.Joined(member), StatusOf(network)),
            failure: e => new Done(sender, new NetworkProtocol.Refused(member, join.IsNew, Cause(e)), null));
    }

    private void OnLeave(NetworkProtocol.Leave leave) => Do(async () =>
    {
        if (_network is { } network) await network.LeaveAsync(leave.Vm);
        return _network;
    }).PipeTo(
        Self, Self,
        success: network => new Done(ActorRefs.Nobody, null, StatusOf(network)),
        failure: e => new Failed(e.GetBaseException()));

    private void OnDone(Done done)
    {
        if (done.Status is { Members.IsEmpty: false } status) _services.Model.Set(_name, status);
        else if (done.Status is not null) _services.Model.Remove(_name);
        if (done.Answer is null) return;
        // The parent keeps the list of those who belong here.
        Context.Parent.Tell(done.Answer, done.Asker);
        done.Asker.Tell(done.Answer);
        if (done.Answer is NetworkProtocol.Refused refused) _log.Warning("{VmName}: {Reason}", refused.Member.Name, refused.Cause.Message);
    }

    /// <summary>The network, made for the first card: what is written about it may have changed since the last one left.</summary>
    private async Task<VirtualNetwork> OpenAsync(IActorRef self)
    {
        if (_network is { Members.IsEmpty: false } open) return open;
        if (_network is { } old) await old.DisposeAsync();
        _network = null;
        return _network = VirtualNetwork.Open(
            _services.Home, _name, _services.Plans.Of(_name), _services.Names, _time, failure => self.Tell(new Failed(failure), ActorRefs.NoSender));
    }

    private Task<T> Do<T>(Func<Task<T>> next)
    {
        var before = _work;
        var task = Task.Run(async () =>
        {
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _stopped.Token.ThrowIfCancellationRequested();
            return await next();
        });
        _work = task;
        return task;
    }

    private async Task EndAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_network is { } network) await network.DisposeAsync();
    }

    private static NetworkStatus? StatusOf(VirtualNetwork? network) => network is null
        ? null
        : new NetworkStatus(network.Plan, [.. network.Members.Select(m => new NetworkAttachment(m.Member, m.Address)).OrderBy(a => a.Address)]);

    private static VmCause Cause(Exception e) => e.GetBaseException() switch
    {
        DriverException driver => driver.Cause,
        var other => new VmCause(VmCauses.LaunchFailed, "attaching to the network", other.Message, "see host.log"),
    };

    private sealed record Done(IActorRef Asker, object? Answer, NetworkStatus? Status);
    private sealed record Failed(Exception Cause);
}
