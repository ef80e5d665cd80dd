using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Lima.Actors.Vms;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers;
using Lima.Drivers.Instances;
using Lima.Drivers.PortForwarding;

namespace Lima.Actors.PortForwarding;

/// <summary>
/// Keeps the forwards of one VM as its rules and its guest want them. It compares what is with what is to be whenever something may
/// have changed, so that it does not matter what it has missed. The host's ends stay while the guest cannot be reached.
/// </summary>
public sealed class PortForwardWatcherActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(500), LongestRetry = TimeSpan.FromSeconds(30), DownGrace = TimeSpan.FromSeconds(10);

    private readonly VmId _id;
    private readonly InstanceDirectory _directory;
    private readonly int _sshPort;
    private readonly VmServices _services;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopped = new();
    private readonly IActorRef _parent = Context.Parent;
    private readonly ForwardTable _table = new();
    private IGuestPorts? _ports;
    private VmSpec _spec = null!;
    private LiveRules _live = LiveRules.None;

    /// <summary>Null until the rules that were given live are known.</summary>
    private PortRules? _rules;
    private readonly ForwardNews _news;
    private readonly PortPolicy _policy;
    private ForwardPlan _plan = ForwardPlan.Empty;
    private GuestPortsState _state = new(0, false, "", null);
    private TimeSpan _retry = FirstRetry;
    private bool _working, _again, _watches, _isSwept;

    /// <summary>What was last told of the forwards as a whole; null before that, so that the first word is always told.</summary>
    private string? _told;

    /// <summary>Use <see cref="Props"/>; Akka needs the constructor to be public.</summary>
    public PortForwardWatcherActor(VmId id, VmName name, int sshPort, VmServices services)
    {
        _id = id;
        _services = services;
        _sshPort = sshPort;
        _directory = services.Store.Home.Instance(name);
        _news = new ForwardNews(id, name, Context.System.EventStream, _log, services.Time);
        _policy = new PortPolicy(services.Addresses?.Of(name.Value) ?? "", services.Settings.TakesNextHostPort);
        Receive<StateRead>(OnState);
        Receive<Applied>(OnApplied);
        Receive<ApplyFailed>(m => throw new InvalidOperationException("forwards cannot be changed", m.Cause));
        Receive<Retry>(_ => OnRetry());
        Receive<Down>(_ => TellParent());
        Receive<PortForwardProtocol.RulesAre>(OnRules);
        Receive<VmProtocol.CheckAlive>(_ => Attempt(ports => ports.CheckAsync(_services.Settings.HeartbeatLimit * 5, _stopped.Token)));
        Receive<VmChildProtocol.GuestResumed>(_ => Attempt(ports => ports.SetTimeAsync(_stopped.Token)));
        Receive<Checked>(_ => { });
        Receive<NotSwept>(OnNotSwept);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>How to make one.</summary>
    public static Props Props(VmId id, VmName name, int sshPort, VmServices services) =>
        Akka.Actor.Props.Create(() => new PortForwardWatcherActor(id, name, sshPort, services));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _spec = _services.Specs.Load(_id, _directory);
        _watches = !_spec.Plain;
        _ports = _services.Ports.Begin(_directory, _watches, line => _log.Info("{VmName}: {Line}", _directory.Name, line));
        _parent.Tell(PortForwardProtocol.WhichRules.Instance);
        ReadState();
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _stopped.Cancel();
        _services.Forwards.Remove(_id);
        foreach (var forward in _table.All.Where(o => o.Handle is not null)) _news.Stopped(forward);
        if (_ports is { } ports) _ = ports.DisposeAsync().AsTask();
    }

    private void OnRules(PortForwardProtocol.RulesAre message)
    {
        _live = message.Rules;
        _rules = new PortRules(_live.Over(_spec.PortForwards), _sshPort);
        Reconcile();
    }

    private void ReadState()
    {
        if (_ports is { } ports)
            ports.States.ReadAsync(_stopped.Token).AsTask().PipeTo(Self, success: s => new StateRead(ports, s), failure: _ => Checked.Instance);
    }

    private void OnState(StateRead read)
    {
        if (!ReferenceEquals(read.Ports, _ports)) return;
        var before = _state;
        _state = read.State;
        // With the connection ended whatever listened at its other end; a new one may be able to do more.
        if (_state.Life != before.Life || !_state.IsUp) _table.ForgetReverse();
        if (_state.Life != before.Life) _table.ForgetFailed();
        if (_state.IsUp) Timers.Cancel("down");
        else Timers.StartSingleTimer("down", Down.Instance, DownGrace);
        if (_state.IsUp != before.IsUp && _state.Life > 0) LogConnection();
        Reconcile();
        TellParentWhenUp();
        ReadState();
    }

    private void LogConnection()
    {
        if (_state.IsUp) _log.Info("{VmName}: forwards lead into the guest", _directory.Name);
        else _log.Warning("{VmName}: forwards wait for the guest: {Reason}", _directory.Name, _state.Problem);
    }

    private void Reconcile()
    {
        if (_rules is null) return;
        if (_working)
        {
            _again = true;
            return;
        }

        _plan = ForwardPlan.Of(_rules, _state.Listeners ?? [], _policy);
        _news.NotForwarded(_plan.NotForwarded);
        _ports!.Need(!_plan.Forwards.IsEmpty);
        var wanted = _plan.Forwards.Where(f => !f.Reverse || _state.IsUp).ToList();
        var changes = ForwardChange.Between(_table.Tried, wanted);
        if (changes.IsEmpty)
        {
            Settle();
            return;
        }

        _working = true;
        var ports = _ports!;
        ImmutableArray<(ForwardChange, IOpenForward?)> steps = [.. changes.Select(c => (c, Handle(c)))];
        var reserved = wanted.Select(f => f.Host).ToHashSet();
        Task.Run(() => ForwardTable.ApplyAsync(ports, steps, reserved, _stopped.Token), _stopped.Token).PipeTo(
            Self,
            success: outcomes => new Applied(ports, changes, outcomes),
            failure: e => e is OperationCanceledException ? Checked.Instance : new ApplyFailed(e));
    }

    private IOpenForward? Handle(ForwardChange change) => change switch
    {
        ForwardChange.Close close => _table.HandleOf(close.Forward),
        ForwardChange.Redirect redirect => _table.HandleOf(redirect.From),
        _ => null,
    };

    private void OnApplied(Applied applied)
    {
        if (!ReferenceEquals(applied.Ports, _ports)) return;
        _working = false;
        foreach (var change in applied.Changes) Take(change);
        foreach (var opened in applied.Outcomes) _table.Set(opened);
        // Told once all of them are known: one may be reached by way of another.
        foreach (var opened in applied.Outcomes) _news.Tried(opened, _table.Elsewhere(opened));
        var again = _again;
        _again = false;
        if (again) Reconcile();
        else Settle();
    }

    private void Take(ForwardChange change)
    {
        switch (change)
        {
            case ForwardChange.Close close:
                if (_table.Of(close.Forward) is { Handle: not null } closed) _news.Stopped(closed);
                _table.Remove(close.Forward);
                break;
            case ForwardChange.Redirect redirect:
                var before = _table.Of(redirect.From);
                _table.Remove(redirect.From);
                // One that had failed is tried again.
                if (before?.Handle is null) _again = true;
                else _table.Set(before with { Forward = redirect.To });
                break;
        }
    }

    /// <summary>All is done that can be done now: tells how it is, and tries again later what has failed.</summary>
    private void Settle()
    {
        _news.Wanted(_plan.Forwards);
        _services.Forwards.Set(_id, new VmForwards(_table.Status(_plan), _plan.Waiting) { Rules = _rules!.User, Ignored = [.. _live.Added.Where(rule => rule.Ignore)], Changes = _live.Changes });
        if (!_table.AnyFailed) _retry = FirstRetry;
        else if (!Timers.IsTimerActive("retry"))
        {
            Timers.StartSingleTimer("retry", Retry.Instance, _retry);
            _retry = TimeSpan.FromTicks(Math.Min(_retry.Ticks * 2, LongestRetry.Ticks));
        }

        if (!_isSwept && (!_watches || _state.Listeners is not null)) Sweep();
        TellParentWhenUp();
    }

    /// <summary>All that is wanted is known and begun: what an earlier host has left behind besides is not.</summary>
    private void Sweep()
    {
        if (_ports is not { } ports) return;
        _isSwept = true;
        Task.Run(() => ports.EndLeftoversAsync(_stopped.Token), _stopped.Token).PipeTo(Self, success: () => Checked.Instance, failure: e => new NotSwept(e));
    }

    private void OnNotSwept(NotSwept not)
    {
        if (_stopped.IsCancellationRequested) return;
        _log.Warning("{VmName}: forwards of an earlier host are still there: {Reason}", _directory.Name, not.Cause.Message);
        _isSwept = false; // Again when something has changed.
    }

    private void OnRetry()
    {
        if (_working) _again = true;
        else _table.ForgetFailed();
        Reconcile();
    }

    private void Attempt(Func<IGuestPorts, Task> work)
    {
        if (_ports is not { } ports) return;
        Task.Run(() => work(ports), _stopped.Token).PipeTo(Self, success: () => Checked.Instance, failure: _ => Checked.Instance);
    }

    // A connection that has only just broken is made anew before anybody notices.
    private void TellParentWhenUp()
    {
        if (_state.IsUp) TellParent();
    }

    private void TellParent()
    {
        if (_working) return;
        var failed = _table.All.Where(o => o is { Handle: null, Forward: { Static: true, IsOwn: false } } && _table.Elsewhere(o) is null).ToList();
        var problem = !_state.IsUp
            ? new VmCause(VmCauses.PortForwards, "reaching the guest", _state.Problem.Length > 0 ? _state.Problem : "there is no connection yet", "it is tried again by itself")
            : failed is [var first, ..]
                ? new VmCause(VmCauses.PortForwards, first.Problem!.Step, First(first.Problem, failed.Count), first.Problem.Hint)
                : null;
        var told = problem?.ToString() ?? "";
        if (told == _told) return;
        _told = told;
        _parent.Tell(new VmChildProtocol.ForwardsAre(problem));
    }

    private static string First(VmCause problem, int count) => count == 1 ? problem.Message : $"{problem.Message} (and {count - 1} more forwards failed)";

    private sealed record StateRead(IGuestPorts Ports, GuestPortsState State);
    private sealed record Applied(IGuestPorts Ports, ImmutableArray<ForwardChange> Changes, ImmutableArray<Opened> Outcomes);
    private sealed record ApplyFailed(Exception Cause);
    private sealed record NotSwept(Exception Cause);

    private sealed class Retry
    {
        public static readonly Retry Instance = new();
    }

    private sealed class Down
    {
        public static readonly Down Instance = new();
    }

    private sealed class Checked
    {
        public static readonly Checked Instance = new();
    }
}
