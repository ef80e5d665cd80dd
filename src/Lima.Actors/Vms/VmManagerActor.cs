using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Lima.Actors.Admission;
using Lima.Domain.Catalog;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;
using Lima.Drivers;

namespace Lima.Actors.Vms;

/// <summary>
/// Knows which VMs there are, keeps that in line with the instance directories, routes commands by name, brings actors of
/// VMs up and back, and writes the read model.
/// </summary>
public sealed partial class VmManagerActor : ReceivePersistentActor, IWithTimers
{
    /// <summary>Answer while a VM's journal does not work.</summary>
    internal static readonly VmProtocol.Rejected StoreUnavailable = new(new VmError(
        "journal-unavailable", "the event journal cannot be written; nothing was changed and running VMs go on",
        "check free space and permissions of LIMA_HOME, then try again"));

    /// <summary>Answer while more commands wait for a VM than it may hold back.</summary>
    internal static readonly VmProtocol.Rejected Busy = new(new VmError("busy", "too many commands wait for this instance", "try again in a moment"));

    /// <summary>Answer to what waited for a VM that turned out to be gone.</summary>
    internal static readonly VmProtocol.Rejected Gone = new(new VmError("instance-not-found", "the instance does not exist any more", "see `limactl list`"));

    private readonly VmServices _services;
    private readonly VmReadModel _views;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly VmActors _actors;
    private readonly HashSet<VmId> _recovering = [];
    private readonly Dictionary<VmId, string> _origins = [];
    private readonly Dictionary<VmId, List<IActorRef>> _creators = [];
    private readonly HashSet<VmId> _missing = [];
    private readonly List<(IActorRef Asker, HashSet<VmId> Unseen)> _scans = [];
    private CatalogState _catalog = CatalogState.Empty;
    private bool _hasScanned;

    /// <summary>Use <see cref="Props"/>; Akka needs the constructor to be public.</summary>
    public VmManagerActor(VmServices services, VmReadModel views, IActorRef admission)
    {
        _services = services;
        _views = views;
        _actors = new VmActors(Context, services, admission);
        Recover<CatalogEvent>(e => _catalog = _catalog.Apply(e));
        Recover<RecoveryCompleted>(_ =>
        {
            _views.SetNames(_catalog.Names);
            Self.Tell(new VmProtocol.Scan());
        });
        Command<VmProtocol.Scan>(_ => OnScan());
        Command<Found>(OnFound);
        Command<VmProtocol.Create>(OnCreate);
        Command<CreateDone>(OnCreateDone);
        Command<VmProtocol.Envelope>(OnEnvelope);
        Command<VmProtocol.Changed>(OnChanged);
        Command<VmProtocol.Expect>(m => _origins.TryAdd(m.Id, m.Origin));
        Command<VmProtocol.Passivate>(m => _actors.Passivate(m.Id));
        Command<VmProtocol.NotIdle>(m => _actors.Stay(m.Id));
        Command<VmActors.Ended>(OnEnded);
        // It may have ended in the middle of something, whatever its newest view says.
        Command<VmActors.Respawn>(m => Spawn(m.Id, evenIfIdle: true));
        Command<Tick>(_ => OnTick());
    }

    /// <inheritdoc/>
    public override string PersistenceId => "catalog";

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>How to make one.</summary>
    public static Props Props(VmServices services, VmReadModel views, IActorRef admission) =>
        Akka.Actor.Props.Create(() => new VmManagerActor(services, views, admission));

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private DateTimeOffset Now => _services.Time.GetUtcNow();

    private VmView? ViewOf(VmId id) => _catalog.Names.TryGetValue(id, out var name) && _views.Views.TryGetValue(name, out var view) && view.Id == id ? view : null;

    private void Forget(VmId id)
    {
        _views.Remove(id);
        _missing.Remove(id);
        _origins.Remove(id);
        _actors.Stop(id);
        Seen(id);
        Recovered(id);
    }

    private void Spawn(VmId id, bool evenIfIdle = false)
    {
        if (!_catalog.Names.TryGetValue(id, out var name) || _actors.IsLive(id)) return;
        if (!evenIfIdle && ViewOf(id) is { State.Phase: VmPhase.Stopped or VmPhase.Error, State.Intent: VmIntent.None }) return;
        if (ViewOf(id) is null) _recovering.Add(id);
        _actors.Tell(id, new VmReports.Registered(name, _origins.GetValueOrDefault(id, VmOrigins.Found)), Self);
        _actors.Tell(id, new VmReports.Renamed(name), Self);
    }

    private void OnEnvelope(VmProtocol.Envelope envelope)
    {
        if (_catalog.Find(envelope.Name) is { } id) _actors.Tell(id, envelope.Command, Sender);
        else Sender.Tell(new VmProtocol.Rejected(NotFound(envelope.Name)));
    }

    private static VmError NotFound(string name) => new(
        "instance-not-found", $"instance `{name}` does not exist", $"run `limactl create --name={name} template:default` to create it, `limactl list` to see all");

    private void OnChanged(VmProtocol.Changed changed)
    {
        var (id, state) = (changed.View.Id, changed.View.State);
        _actors.Well(id);
        if (state.IsDeleted)
        {
            if (_catalog.Names.ContainsKey(id)) StoreAll([new CatalogEvents.Removed(Now, id.Value)], () => { });
            return;
        }

        // Under the name its directory has, whatever it was called when it said this: the list shows what is there.
        if (_catalog.Names.TryGetValue(id, out var known)) _views.Set(changed.View with { State = state with { Name = known } });
        // It was renamed by its own actor; commands are to find it under the new name.
        if (known is not null && known != state.Name) Self.Tell(new VmProtocol.Scan(), ActorRefs.NoSender);
        Seen(id);
        if (changed.IsCertain) Recovered(id);
        Answer(id, new VmProtocol.Accepted(changed.View, Changed: true));
        if (_missing.Contains(id) && _catalog.Names.ContainsKey(id) && !MustStay(id)) StoreAll([new CatalogEvents.Removed(Now, id.Value)], () => { });
        if (state.Process is not null && !Timers.IsTimerActive("tick"))
            Timers.StartPeriodicTimer("tick", Tick.Instance, _services.Settings.Heartbeat);
    }

    private void OnTick()
    {
        var alive = _views.Views.Values.Where(v => v.State.Process is not null).ToList();
        if (alive.Count == 0) Timers.Cancel("tick");
        // One that waits for its journal is not brought back before its time.
        foreach (var view in alive.Where(v => _actors.IsLive(v.Id))) _actors.Tell(view.Id, new VmProtocol.CheckAlive(), Self);
    }

    private void OnEnded(VmActors.Ended ended)
    {
        if (_actors.OnEnded(ended, _catalog.Names.ContainsKey(ended.Id)) is not { } wait) return;
        // Its journal failed. The guest goes on; the actor comes back and reads what was stored.
        _log.Warning("{VmId}: actor ended, back in {Wait}", ended.Id, wait);
        Seen(ended.Id);
        Recovered(ended.Id);
        Timers.StartSingleTimer($"respawn-{ended.Id}", new VmActors.Respawn(ended.Id), wait);
    }

    /// <inheritdoc/>
    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        Context.System.EventStream.Publish(new Persistence.JournalFailed(cause));
        Sender.Tell(StoreUnavailable);
        RefuseAllThatWait();
        base.OnPersistFailure(cause, @event, sequenceNr);
    }

    /// <inheritdoc/>
    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        base.OnPersistRejected(cause, @event, sequenceNr);
        RefuseAllThatWait();
        throw new InvalidOperationException($"{@event.GetType().Name} was rejected by the journal", cause);
    }

    /// <inheritdoc/>
    protected override void OnRecoveryFailure(Exception reason, object? message = null)
    {
        Context.System.EventStream.Publish(new Persistence.JournalFailed(reason));
        base.OnRecoveryFailure(reason, message);
    }

    private void RefuseAllThatWait()
    {
        foreach (var id in _creators.Keys.ToList()) Answer(id, StoreUnavailable);
        foreach (var (asker, _) in _scans) asker.Tell(StoreUnavailable);
        _scans.Clear();
    }

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}
