using Akka.Actor;
using Akka.Event;
using Lima.Actors.Vms;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;
using Lima.Drivers;
using Lima.Drivers.Hypervisors;
using Lima.Drivers.Instances;

namespace Lima.Actors.Qemu;

/// <summary>
/// Keeps the hypervisor's process of one VM: prepares and launches it, finds it again, controls and watches it, and
/// reports to its parent. When this actor stops it lets go; only <see cref="VmEffect.KillQemu"/> ends a guest.
/// </summary>
public sealed class QemuProcessActor : ReceiveActor, IWithTimers, IWithUnboundedStash
{
    private readonly VmId _id;
    private readonly InstanceDirectory _directory;
    private readonly VmServices _services;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopped = new();
    private readonly IActorRef _parent = Context.Parent;

    private VmEffect.PrepareBoot? _awaitingAdmission;
    private CancellationTokenSource? _boot;
    private int _bootAttempt;
    private PreparedInstance? _prepared;
    private IMachine? _machine;
    private bool _attaching;
    private bool _mute;

    /// <summary>Use <see cref="Props"/>; Akka needs the constructor to be public.</summary>
    public QemuProcessActor(VmId id, VmName name, VmServices services)
    {
        _id = id;
        _services = services;
        _directory = services.Store.Home.Instance(name);
        ReceiveBoot();
        ReceiveControl();
        ReceiveWatch();
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Holds controls back while the machine is being attached; at most the few effects of one decision.</summary>
    public IStash Stash { get; set; } = null!;

    /// <summary>How to make one.</summary>
    public static Props Props(VmId id, VmName name, VmServices services) =>
        Akka.Actor.Props.Create(() => new QemuProcessActor(id, name, services));

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _stopped.Cancel();
        _boot?.Cancel();
        Detach();
    }

    /// <inheritdoc/>
    protected override void PostRestart(Exception reason)
    {
        base.PostRestart(reason);
        // The new instance knows nothing of the machine; it looks for it as after a restart of the host.
        Self.Tell(new VmEffect.VerifyQemu(null));
    }

    private void ReceiveBoot()
    {
        Receive<VmEffect.PrepareBoot>(m => _awaitingAdmission = m);
        Receive<VmChildProtocol.BootAdmitted>(OnAdmitted);
        Receive<PrepareDone>(m =>
        {
            _prepared = m.Instance;
            Report(new VmReports.Prepared(m.Attempt, m.Instance.Launch.SshPort));
        });
        Receive<VmEffect.LaunchQemu>(OnLaunch);
        Receive<LaunchDone>(m => Report(new VmReports.Launched(m.Attempt, m.Process)));
        Receive<VmReport>(Report);
        Receive<VmEffect.CancelBoot>(_ => OnCancelBoot());
        Receive<VmEffect.RemoveInstance>(_ => OnRemove());
        Receive<VmEffect.CleanUp>(_ => OnCleanUp());
    }

    private void OnAdmitted(VmChildProtocol.BootAdmitted admitted)
    {
        if (_awaitingAdmission is not { } prepare || prepare.Attempt != admitted.Attempt) return;
        _awaitingAdmission = null;
        var cancel = BeginBoot(prepare.Attempt);
        var progress = new ProgressPublisher(Context.System.EventStream, _id, _directory.Name.Value);
        Task.Run(() => _services.Preparer.PrepareAsync(_id, _directory, prepare.SshPort, progress, cancel), cancel)
            .PipeTo(
                Self,
                success: instance => new PrepareDone(prepare.Attempt, instance),
                failure: e => new VmReports.PrepareFailed(prepare.Attempt, Cause(e, VmCauses.PrepareFailed, "preparing the instance")));
    }

    private void OnLaunch(VmEffect.LaunchQemu launch)
    {
        if (_prepared is not { } prepared)
        {
            // A restart of this actor forgot what was prepared; doing it again is harmless.
            Report(new VmReports.LaunchFailed(launch.Attempt, new VmCause(
                VmCauses.LaunchFailed, "launching QEMU", "what was prepared is not known any more", "start it again")));
            return;
        }

        var cancel = BeginBoot(launch.Attempt);
        Task.Run(() => _services.Hypervisors.Get(prepared.Launch.Spec.VmType).LaunchAsync(prepared.Launch, cancel), CancellationToken.None)
            .PipeTo(
                Self,
                success: process => new LaunchDone(launch.Attempt, process),
                failure: e => new VmReports.LaunchFailed(launch.Attempt, Cause(e, VmCauses.LaunchFailed, "launching QEMU")));
    }

    private void OnCancelBoot()
    {
        if (_awaitingAdmission is { } waiting)
        {
            _awaitingAdmission = null;
            Report(new VmReports.PrepareFailed(waiting.Attempt, new VmCause(VmCauses.StartCancelled, "waiting for a place", "the start was cancelled")));
            return;
        }

        // Whatever is under way answers when it has ended; a QEMU that came to life all the same is reported as such.
        _boot?.Cancel();
    }

    private void OnRemove() => Task.Run(() => _services.Store.Remove(_directory.Name), _stopped.Token).PipeTo(
        Self,
        success: () => new VmReports.Removed(),
        failure: e => new VmReports.RemoveFailed(Cause(e, VmCauses.RemoveFailed, "deleting")));

    private void OnCleanUp()
    {
        Detach();
        _prepared = null;
        try
        {
            _services.Store.CleanUp(_directory.Name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _log.Warning("{VmName}: {Reason}", _directory.Name, e.Message);
        }
    }

    private void ReceiveControl()
    {
        Receive<VmEffect.PowerDown>(_ => Control(m => m.PowerDownAsync(_stopped.Token), "pressing the power button"));
        Receive<VmEffect.PauseQemu>(_ => Control(m => m.PauseAsync(_stopped.Token), "pausing"));
        Receive<VmEffect.ResumeQemu>(_ => Control(m => m.ResumeAsync(_stopped.Token), "resuming"));
        Receive<VmEffect.KillQemu>(_ => Control(m => m.KillAsync(_stopped.Token), "ending QEMU"));
        Receive<VmProtocol.CheckAlive>(_ => OnCheckAlive());
        Receive<Checked>(OnChecked);
    }

    /// <summary>The machine's own events tell what came of it; only a failure is reported from here.</summary>
    private void Control(Func<IMachine, Task> act, string step)
    {
        if (_attaching)
        {
            Stash.Stash();
            return;
        }

        if (_machine is not { } machine)
        {
            Self.Tell(new VmEffect.VerifyQemu(null));
            return;
        }

        Task.Run(() => act(machine), _stopped.Token).PipeTo(
            Self,
            success: () => new Checked(machine, null),
            failure: e => new VmReports.Refused(Cause(e, VmCauses.QmpRefused, step)));
    }

    private void OnCheckAlive()
    {
        if (_machine is not { } machine) return;
        Task.Run(() => QueryAsync(machine), _stopped.Token).PipeTo(
            Self,
            success: _ => new Checked(machine, null),
            failure: e => new Checked(machine, Cause(e, VmCauses.QmpMute, "asking QEMU how it is")));
    }

    private async Task<MachineStatus> QueryAsync(IMachine machine)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopped.Token);
        limit.CancelAfter(_services.Settings.HeartbeatLimit);
        try
        {
            return await machine.QueryAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!_stopped.IsCancellationRequested)
        {
            throw new DriverException(Mute);
        }
    }

    private static VmCause Mute => new(
        VmCauses.QmpMute, "asking QEMU how it is", "QEMU does not answer on its control socket",
        "it may be stopped or overloaded; `limactl stop --force` ends it");

    private void OnChecked(Checked m)
    {
        if (!ReferenceEquals(m.Machine, _machine)) return;
        var mute = m.Problem is { Code: VmCauses.QmpMute };
        if (mute == _mute) return;
        _mute = mute;
        Report(mute ? new VmReports.Degraded(Mute) : new VmReports.Healed(VmCauses.QmpMute));
    }

    private void ReceiveWatch()
    {
        Receive<VmEffect.VerifyQemu>(OnVerify);
        Receive<VmEffect.WatchQemu>(OnWatch);
        Receive<Attached>(OnAttached);
        Receive<AttachFailed>(OnAttachFailed);
        Receive<FromMachine>(m =>
        {
            if (ReferenceEquals(m.Machine, _machine)) OnMachineEvent(m.Event);
        });
    }

    private void OnVerify(VmEffect.VerifyQemu verify)
    {
        _attaching = true;
        Task.Run(() => FindAsync(verify.Known), _stopped.Token).PipeTo(
            Self,
            success: found => found,
            failure: e => new AttachFailed(verify, e.GetBaseException()));
    }

    private async Task<Attached> FindAsync(ProcessIdentity? known)
    {
        if (_services.Hypervisors.Find(_id, _directory) is not var (hypervisor, process))
            return new Attached(null, new VmReports.Lost(IsOfAnEarlierBoot(known)), null);
        var machine = await hypervisor.AttachAsync(_id, _directory, process, _stopped.Token);
        try
        {
            var status = await QueryAsync(machine);
            return new Attached(machine, new VmReports.Adopted(process, status is MachineStatus.Paused or MachineStatus.IoError), null);
        }
        catch (DriverException mute)
        {
            return new Attached(machine, new VmReports.Adopted(process, Paused: false), mute.Cause);
        }
    }

    private static bool IsOfAnEarlierBoot(ProcessIdentity? known) =>
        known is not null && known.BootId != Drivers.Processes.BootId.Current;

    private void OnWatch(VmEffect.WatchQemu watch)
    {
        if (_machine?.Process == watch.Process || _attaching) return;
        _attaching = true;
        Task.Run(() => FindAsync(watch.Process), _stopped.Token).PipeTo(
            Self,
            // Its launch is stored already, so finding it is no news; that it is gone by now is its exit.
            success: found => found.Report is VmReports.Lost ? found with { Report = new VmReports.Exited(ExitKind.Crash, "") } : found with { Report = null },
            failure: e => new AttachFailed(watch, e.GetBaseException()));
    }

    private void OnAttachFailed(AttachFailed failed)
    {
        _log.Warning("{VmName}: cannot attach to QEMU, trying again: {Reason}", _directory.Name, failed.Cause.Message);
        _attaching = false;
        Timers.StartSingleTimer("attach", failed.Again, _services.Settings.BackoffMin);
        Stash.UnstashAll();
    }

    private void OnAttached(Attached attached)
    {
        _attaching = false;
        Stash.UnstashAll();
        if (attached.Machine is { } machine)
        {
            Detach();
            _machine = machine;
            _mute = false;
            var self = Self;
            _ = PumpAsync(machine, self, _stopped.Token);
        }

        if (attached.Report is { } report) Report(report);
        if (attached.Problem is { } problem) OnChecked(new Checked(_machine, problem with { Code = VmCauses.QmpMute }));
    }

    private static async Task PumpAsync(IMachine machine, IActorRef self, CancellationToken cancel)
    {
        try
        {
            await foreach (var e in machine.Events.WithCancellation(cancel)) self.Tell(new FromMachine(machine, e));
        }
        catch (OperationCanceledException)
        {
            // This actor is stopping; the machine goes on.
        }
    }

    private void OnMachineEvent(MachineEvent e)
    {
        switch (e)
        {
            case MachineEvent.Paused:
                Report(new VmReports.Paused());
                break;
            case MachineEvent.Resumed:
                Report(new VmReports.Resumed());
                break;
            case MachineEvent.Reset:
                Report(new VmReports.GuestRebooted());
                break;
            case MachineEvent.Panicked:
                _log.Warning("{VmName}: the guest's kernel panicked", _directory.Name);
                break;
            case MachineEvent.IoError io:
                Report(new VmReports.StorageFailed($"{io.Device}: {io.Reason}"));
                break;
            case MachineEvent.Exited exited:
                Detach();
                Report(new VmReports.Exited(Kind(exited.Kind), exited.LastLines));
                break;
        }
    }

    private static ExitKind Kind(MachineExit exit) => exit switch
    {
        MachineExit.GuestShutdown => ExitKind.GuestShutdown,
        MachineExit.Quit => ExitKind.Quit,
        MachineExit.Panic => ExitKind.Panic,
        _ => ExitKind.Crash,
    };

    private CancellationToken BeginBoot(int attempt)
    {
        // Launching follows preparing under the same token, so that a cancellation in between is not lost.
        if (_boot is null || _bootAttempt != attempt || _boot.IsCancellationRequested && _prepared is null)
        {
            _boot?.Dispose();
            _boot = CancellationTokenSource.CreateLinkedTokenSource(_stopped.Token);
        }

        _bootAttempt = attempt;
        return _boot.Token;
    }

    private void Detach()
    {
        if (_machine is not { } machine) return;
        _machine = null;
        _ = machine.DisposeAsync().AsTask();
    }

    private void Report(VmReport report) => _parent.Tell(report);

    private static VmCause Cause(Exception e, string code, string step) => (e is AggregateException a ? a.GetBaseException() : e) switch
    {
        DriverException driver => driver.Cause,
        OperationCanceledException => new VmCause(VmCauses.StartCancelled, step, "cancelled"),
        var other => new VmCause(code, step, other.Message, "see host.log"),
    };

    private sealed record PrepareDone(int Attempt, PreparedInstance Instance);
    private sealed record LaunchDone(int Attempt, ProcessIdentity Process);
    private sealed record Attached(IMachine? Machine, VmReport? Report, VmCause? Problem);
    private sealed record AttachFailed(VmEffect Again, Exception Cause);
    private sealed record FromMachine(IMachine Machine, MachineEvent Event);
    private sealed record Checked(IMachine? Machine, VmCause? Problem);

    private sealed class ProgressPublisher(EventStream stream, VmId id, string name) : IProgress<StepProgress>
    {
        public void Report(StepProgress value) => stream.Publish(new VmProgress(id, name, value));
    }
}
