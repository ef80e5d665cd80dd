using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Lima.Actors.Disks;
using Lima.Actors.PortForwarding;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;

namespace Lima.Actors.Vms;

/// <summary>
/// One VM. Inputs go to the machine in the domain; what it accepts is stored, applied, acted upon, and only then
/// answered. Everything that touches the world is done by the children (<see cref="VmChildren"/>); this actor routes.
/// </summary>
public sealed partial class VmActor : ReceivePersistentActor, IWithTimers
{
    private readonly VmId _id;
    private readonly VmServices _services;
    private readonly IActorRef _admission;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly VmChildren _children;
    private VmState _state = VmState.Unborn;

    /// <summary>Whether QEMU is being looked for; commands wait for what is found.</summary>
    private bool _verifying;
    private int _waiting;

    /// <summary>The SSH session, while it is up; for a readiness actor that comes later.</summary>
    private VmChildProtocol.SshUp? _sshUp;

    /// <summary>Use <see cref="Props"/>; Akka needs the constructor to be public.</summary>
    public VmActor(VmId id, VmServices services, IActorRef admission)
    {
        _id = id;
        _services = services;
        _admission = admission;
        _children = new VmChildren(Context, id, services, () => _state.Name);
        Recover<VmEvent>(e => _state = _state.Apply(e));
        Recover<RecoveryCompleted>(_ => OnRecovered());
        Command<VmCommand>(OnCommand);
        Command<VmReport>(OnReport);
        Command<VmChildProtocol.SshUp>(OnSshUp);
        Command<VmChildProtocol.SshDown>(OnSshDown);
        Command<VmChildProtocol.MountsAre>(OnMounts);
        Command<VmChildProtocol.WhichSession>(_ =>
        {
            if (_sshUp is not { } up) return;
            if (Sender.Equals(_children.Mounts)) _children.StartMounts(up.Connection, _state.MountChanges.Values);
            else Sender.Tell(up);
        });
        Command<VmChildProtocol.TrySsh>(m =>
        {
            if (_state is { Phase: VmPhase.Starting, Process: not null }) _children.StartSsh(_state.SshPort, m.IsReachable);
        });
        Command<VmChildProtocol.BootAdmitted>(m => _children.Qemu.Tell(m));
        Command<VmChildProtocol.ChildGone>(OnChildGone);
        Command<VmChildProtocol.RetryChild>(OnRetryChild);
        Command<VmChildProtocol.ForwardsAre>(m => OnPartIs(VmCauses.PortForwards, m.Problem));
        Command<VmChildProtocol.NamesAre>(m => OnPartIs(VmCauses.HostResolver, m.Problem));
        Command<PortForwardProtocol.WhichRules>(_ => Sender.Tell(new PortForwardProtocol.RulesAre(_state.Forwards)));
        Command<DiskProtocol.Trimmed>(OnTrimmed);
        Command<DiskProtocol.TrimOver>(_ => OnTrimOver());
        Command<VmProtocol.CheckAlive>(m =>
        {
            _children.CheckAlive(m, _state.Phase == VmPhase.Running);
            TrimIfDue();
        });
        Command<VmProtocol.Passivate>(_ => PassivateIfIdle());
        Command<VmProtocol.StopIfIdle>(_ =>
        {
            if (IsIdle) Context.Stop(Self);
            else Context.Parent.Tell(new VmProtocol.NotIdle(_id));
        });
    }

    /// <inheritdoc/>
    public override string PersistenceId => _id.PersistenceId;

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>How to make one.</summary>
    public static Props Props(VmId id, VmServices services, IActorRef admission) =>
        Akka.Actor.Props.Create(() => new VmActor(id, services, admission));

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(
        _services.Settings.ChildRestarts, _services.Settings.ChildRestartWindow,
        failure => failure is ActorInitializationException ? Directive.Stop : Directive.Restart);

    private DateTimeOffset Now => _services.Time.GetUtcNow();

    private VmView View => new(_id, _state, LastSequenceNr) { Mounts = _mounts.Mounts };

    private void OnRecovered()
    {
        // Also of one that is deleted: the host may have ended before the catalogue heard of it.
        Run(VmMachine.EffectsAfterRecovery(_state));
        if (_state.Name.Length > 0) Context.Parent.Tell(new VmProtocol.Changed(View, IsCertain: !_verifying));
        ArmPassivation();
    }

    private void OnCommand(VmCommand command)
    {
        var sender = Sender;
        if (_verifying)
        {
            Hold();
            return;
        }

        switch (VmMachine.Decide(_state, command, Now))
        {
            case VmDecision.Accept accept:
                Store(accept, () => sender.Tell(new VmProtocol.Accepted(View, Changed: true)));
                break;
            case VmDecision.NoChange:
                sender.Tell(new VmProtocol.Accepted(View, Changed: false));
                break;
            case VmDecision.Reject reject:
                sender.Tell(new VmProtocol.Rejected(reject.Error));
                break;
        }
    }

    /// <summary>A start that does not know of a living QEMU would work on its files: commands wait until that is known.</summary>
    private void Hold()
    {
        if (_waiting >= _services.Settings.StashCapacity)
        {
            Sender.Tell(VmManagerActor.Busy);
            return;
        }

        _waiting++;
        Stash.Stash();
    }

    private void OnReport(VmReport report)
    {
        if (_mounts.HoldsBack(report, _state)) return;
        _services.FailPoints.Received(report);
        switch (VmMachine.Decide(_state, report, Now))
        {
            case VmDecision.Accept accept:
                Store(accept, () => Verified(report));
                break;
            default:
                _log.Debug("{VmName}: {Report} changes nothing in {Phase}", _state.Name, report, _state.Phase);
                Verified(report);
                break;
        }
    }

    private void Verified(VmReport report)
    {
        if (!_verifying || report is not (VmReports.Adopted or VmReports.Lost)) return;
        _verifying = false;
        _waiting = 0;
        if (_state.Name.Length > 0) Context.Parent.Tell(new VmProtocol.Changed(View));
        Stash.UnstashAll();
        ArmPassivation();
    }

    private void Store(VmDecision.Accept accept, Action answer)
    {
        var left = accept.Events.Length;
        PersistAll(accept.Events, e =>
        {
            var before = _state.Phase;
            _state = _state.Apply(e);
            _services.FailPoints.Stored(e);
            _log.Info("{VmName}: {Event} ({Phase})", _state.Name, e.GetType().Name, _state.Phase);
            Context.System.EventStream.Publish(new VmEventStored(_id, _state.Name, LastSequenceNr, e, View));
            Run(VmMachine.EffectsOf(_state, e));
            Follow(e, before);
            Context.Parent.Tell(new VmProtocol.Changed(View, IsCertain: !_verifying));
            if (--left == 0)
            {
                answer();
                ArmPassivation();
            }
        });
    }

    /// <summary>What an event means for this actor's own helpers, whatever it means for QEMU.</summary>
    private void Follow(VmEvent e, VmPhase before)
    {
        // Also one that was halted during its start holds no place any more.
        if (before == VmPhase.Starting && _state.Phase != VmPhase.Starting) _admission.Tell(new Admission.AdmissionProtocol.Release(_id));
        var isOfBoot = e is VmEvents.RequirementMet or VmEvents.RequirementFailed or VmEvents.Healed { Code: VmCauses.BootScripts };
        if (isOfBoot && _state.Phase == VmPhase.Running && Domain.Vms.Readiness.IsComplete(_state))
            _children.StopReadiness();
        if (e is VmEvents.Resumed) _children.Ports?.Tell(new VmChildProtocol.GuestResumed());
        if (e is VmEvents.Cloned) Context.Parent.Tell(new VmProtocol.Scan(), ActorRefs.NoSender);
        if (e is not VmEvents.Renamed) return;
        // The children know their files by the old name. New ones find out how things are, as after a restart of the host.
        _children.StopAll();
        _sshUp = null;
        Run(VmMachine.EffectsAfterRecovery(_state));
    }

    private void Run(IEnumerable<VmEffect> effects)
    {
        foreach (var effect in effects)
        {
            _services.FailPoints.Before(effect);
            Run(effect);
        }
    }

    private void Run(VmEffect effect)
    {
        switch (effect)
        {
            case VmEffect.ArmStartDeadline arm:
                var wait = arm.At - Now;
                Timers.StartSingleTimer("start", new VmReports.StartDeadlinePassed(arm.Attempt), wait > TimeSpan.Zero ? wait : TimeSpan.FromMilliseconds(1));
                break;
            case VmEffect.ArmStopDeadline arm:
                Timers.StartSingleTimer("stop", new VmReports.StopDeadlinePassed(arm.Attempt), _services.Settings.StopTimeout);
                break;
            case VmEffect.CancelDeadlines:
                Timers.Cancel("start");
                Timers.Cancel("stop");
                break;
            case VmEffect.ChangeMounts:
                ChangeMounts();
                break;
            case VmEffect.ChangeForwards:
                _children.Ports?.Tell(new PortForwardProtocol.RulesAre(_state.Forwards));
                break;
            case VmEffect.PrepareBoot prepare:
                _mounts.Forget();
                _admission.Tell(new Admission.AdmissionProtocol.Request(_id, prepare.Attempt));
                _children.Qemu.Tell(prepare);
                break;
            case VmEffect.WatchReadiness watch:
                _children.StartReadiness(_state, watch.Launched);
                break;
            case VmEffect.OpenSsh open:
                // A guest that was let through though its boot scripts had not finished is watched until they have.
                if (Domain.Vms.Readiness.IsComplete(_state)) _children.StopReadiness();
                _children.StartSsh(open.SshPort);
                // Of a guest that is up the agent can be there before SSH is.
                if (_state.Phase == VmPhase.Running) _children.StartPorts(open.SshPort);
                break;
            case VmEffect.CloseSsh:
                StopSsh();
                break;
            case VmEffect.CloneInstance clone:
                // So that the directory, once it is found, is not taken for one that nobody here made.
                Context.Parent.Tell(new VmProtocol.Expect(new VmId(clone.CloneId), VmOrigins.Cloned));
                _children.Files.Tell(effect);
                break;
            case VmEffect.WriteConfiguration or VmEffect.SaveForwards or VmEffect.RenameInstance or VmEffect.ResetInstance:
                _children.Files.Tell(effect);
                break;
            case VmEffect.ChangeDisk change:
                ChangeDisk(change);
                break;
            case VmEffect.PowerDown down:
                PowerDown(down);
                break;
            case VmEffect.VerifyQemu:
                _verifying = true;
                _children.Qemu.Tell(effect);
                break;
            case VmEffect.WatchQemu:
                _children.StartNames();
                _children.Qemu.Tell(effect);
                break;
            case VmEffect.CleanUp:
                _children.StopReadiness();
                _children.StopPorts();
                _children.StopNames();
                _services.Names.Close(_id);
                StopSsh();
                _children.Qemu.Tell(effect);
                break;
            default:
                _children.Qemu.Tell(effect);
                break;
        }
    }

    private void StopSsh()
    {
        _sshUp = null;
        _children.StopMounts();
        _children.StopSsh();
    }

    private void OnSshUp(VmChildProtocol.SshUp up)
    {
        if (!up.Session.Equals(_children.Ssh)) return;
        _sshUp = up;
        _children.StartPorts(_state.SshPort);
        OnReport(new VmReports.RequirementMet(Domain.Vms.Readiness.Ssh));
        OnReport(new VmReports.Healed(VmCauses.SshDown));
        _children.Readiness?.Tell(up);
        _children.StartMounts(up.Connection, _state.MountChanges.Values);
        if (_state.DiskChange is not null) _children.Disks.Tell(new DiskProtocol.SessionIs(up.Connection));
    }

    private void OnSshDown(VmChildProtocol.SshDown down)
    {
        _sshUp = null;
        _children.Mounts?.Tell(new Mounts.MountProtocol.SessionIs(null));
        // On its way down, or paused, a VM is not expected to answer.
        if (_state is { Phase: VmPhase.Running, Intent: VmIntent.None }) OnReport(new VmReports.Degraded(down.Cause));
    }

    private void OnPartIs(string code, VmCause? problem)
    {
        if (problem is null) OnReport(new VmReports.Healed(code));
        else if (_state is { Phase: VmPhase.Starting or VmPhase.Running, Intent: VmIntent.None }) OnReport(new VmReports.Degraded(problem));
    }

    private void OnChildGone(VmChildProtocol.ChildGone gone)
    {
        if (!_children.Forget(gone)) return;
        _log.Error("{VmName}: {Child} failed too often; trying again in {Wait}", _state.Name, gone.Role, _services.Settings.BackoffMax);
        if (gone.Role == VmChildren.SshRole)
        {
            OnSshDown(new VmChildProtocol.SshDown(new VmCause(
                VmCauses.SshDown, "keeping the SSH session", "the SSH session failed too often", "see host.log; it is tried again by itself")));
        }

        if (gone.Role == VmChildren.MountsRole && _mounts.Release() is { } held) OnReport(held);
        Timers.StartSingleTimer($"retry-{gone.Role}", new VmChildProtocol.RetryChild(gone.Role), _services.Settings.BackoffMax);
    }

    private void OnRetryChild(VmChildProtocol.RetryChild retry)
    {
        if (IsIdle) return;
        var isUp = _state.Process is not null && _state.Phase is VmPhase.Starting or VmPhase.Running;
        if (retry.Role == VmChildren.PortsRole && isUp && _sshUp is not null) _children.StartPorts(_state.SshPort);
        if (retry.Role == VmChildren.NamesRole && _state.Process is not null) _children.StartNames();
        if (retry.Role == VmChildren.SshRole && isUp) _children.StartSsh(_state.SshPort);
        if (retry.Role == VmChildren.MountsRole && _sshUp is { } up) _children.StartMounts(up.Connection, _state.MountChanges.Values);
        if (retry.Role == VmChildren.DisksRole && _state.DiskChange is { } change) ChangeDisk(new VmEffect.ChangeDisk(change));
        if (retry.Role == VmChildren.ReadinessRole && isUp && !Domain.Vms.Readiness.IsComplete(_state)) _children.StartReadiness(_state);
        // A new watcher knows nothing; it looks for QEMU as after a restart of the host.
        if (retry.Role is VmChildren.QemuRole or VmChildren.FilesRole) Run(VmMachine.EffectsAfterRecovery(_state));
    }

    private bool IsIdle => !_verifying && _state is { Exists: true, Phase: VmPhase.Stopped or VmPhase.Error, Intent: VmIntent.None, DiskChange: null, ForwardsToSave: null };

    private void ArmPassivation()
    {
        if (IsIdle) Timers.StartSingleTimer("passivate", new VmProtocol.Passivate(_id), _services.Settings.PassivateAfter);
        else Timers.Cancel("passivate");
    }

    private void PassivateIfIdle()
    {
        if (IsIdle) Context.Parent.Tell(new VmProtocol.Passivate(_id));
    }

    /// <inheritdoc/>
    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        // Akka stops this actor after that; the manager brings it back, and the guest never notices.
        _log.Error(cause, "{VmName}: {Event} could not be stored", _state.Name, @event.GetType().Name);
        Context.System.EventStream.Publish(new Persistence.JournalFailed(cause));
        Sender.Tell(VmManagerActor.StoreUnavailable);
        base.OnPersistFailure(cause, @event, sequenceNr);
    }

    /// <inheritdoc/>
    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        base.OnPersistRejected(cause, @event, sequenceNr);
        Sender.Tell(VmManagerActor.StoreUnavailable);
        throw new InvalidOperationException($"{@event.GetType().Name} was rejected by the journal", cause);
    }

    /// <inheritdoc/>
    protected override void OnRecoveryFailure(Exception reason, object? message = null)
    {
        _log.Error(reason, "{VmId}: its events could not be read", _id);
        Context.System.EventStream.Publish(new Persistence.JournalFailed(reason));
        base.OnRecoveryFailure(reason, message);
    }
}
