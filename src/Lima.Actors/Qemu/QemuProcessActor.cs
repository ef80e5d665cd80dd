using Akka.Actor;
using Akka.Event;
using Lima.Actors.Disks;
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
public sealed partial class QemuProcessActor : ReceiveActor, IWithTimers, IWithUnboundedStash
{
    private static readonly TimeSpan FirstPressAgain = TimeSpan.FromSeconds(1), PressInterval = TimeSpan.FromSeconds(3);

    private readonly VmId _id;
    private readonly InstanceDirectory _directory;
    private readonly VmServices _services;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopped = new();
    private readonly IActorRef _parent = Context.Parent;

    private VmEffect.PrepareBoot? _awaitingAdmission;
    private CancellationTokenSource? _boot;
    private PreparedInstance? _prepared;
    private IMachine? _machine;

    /// <summary>Whether QEMU was mute when it was last asked; null before that, so that the first answer is always told.</summary>
    private bool? _mute;

    /// <summary>Use <see cref="Props"/>; Akka needs the constructor to be public.</summary>
    public QemuProcessActor(VmId id, VmName name, VmServices services)
    {
        _id = id;
        _services = services;
        _directory = services.Store.Home.Instance(name);
        ReceiveBoot();
        ReceiveControl();
        ReceiveWatch();
        ReceiveNetworks();
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
        _ = LetGoAsync(_finding);
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
            if (!ReferenceEquals(m.Boot, _boot)) return;
            _prepared = m.Instance;
            Report(new VmReports.Prepared(m.Attempt, m.Instance.Launch.SshPort, m.Instance.Requirements));
        });
        Receive<VmEffect.LaunchQemu>(OnLaunch);
        Receive<BootEnded>(m =>
        {
            // What an earlier life of this actor had begun was cancelled with it; its outcome says nothing of this one.
            if (!ReferenceEquals(m.Boot, _boot)) return;
            if (m.Report is VmReports.LaunchFailed) LeaveNetworks();
            Report(m.Report);
        });
        Receive<VmReport>(Report);
        Receive<VmEffect.CancelBoot>(_ => OnCancelBoot());
        Receive<VmEffect.RemoveInstance>(_ => OnRemove());
        Receive<VmEffect.CleanUp>(_ => OnCleanUp());
    }

    private void OnAdmitted(VmChildProtocol.BootAdmitted admitted)
    {
        if (_awaitingAdmission is not { } prepare || prepare.Attempt != admitted.Attempt) return;
        _awaitingAdmission = null;
        _prepared = null;
        _boot?.Cancel();
        // Launching follows preparing under the same token, so that a cancellation in between is not lost.
        var boot = _boot = CancellationTokenSource.CreateLinkedTokenSource(_stopped.Token);
        var progress = new ProgressPublisher(Context.System.EventStream, _id, _directory.Name.Value);
        _services.Boots.Run(_id, () => _services.Preparer.PrepareAsync(_id, _directory, prepare.SshPort, progress, boot.Token)).PipeTo(
            Self,
            success: instance => new PrepareDone(boot, prepare.Attempt, instance),
            failure: e => new BootEnded(boot, new VmReports.PrepareFailed(prepare.Attempt, Cause(e, VmCauses.PrepareFailed, "preparing the instance"))));
    }

    private void OnLaunch(VmEffect.LaunchQemu launch)
    {
        if (_prepared is not { } prepared || _boot is not { } boot)
        {
            // A restart of this actor forgot what was prepared. Looking for QEMU leads to preparing again, which is harmless.
            Self.Tell(new VmEffect.VerifyQemu(null));
            return;
        }

        var joined = JoinAsync(prepared);
        _services.Boots.Run(_id, async () =>
        {
            await joined.WaitAsync(boot.Token);
            return await LaunchAsync(prepared, boot.Token);
        }).PipeTo(
            Self,
            success: process => new BootEnded(boot, new VmReports.Launched(launch.Attempt, process)),
            failure: e => new BootEnded(boot, new VmReports.LaunchFailed(launch.Attempt, Cause(e, VmCauses.LaunchFailed, "launching QEMU"))));
    }

    private Task<ProcessIdentity> LaunchAsync(PreparedInstance prepared, CancellationToken cancel) =>
        // Two machines on one disk would destroy it; whatever went wrong before, one that lives is taken.
        _services.Hypervisors.Find(_id, _directory) is var (_, living)
            ? Task.FromResult(living)
            : _services.Hypervisors.Get(prepared.Launch.Spec.VmType).LaunchAsync(prepared.Launch, cancel);

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
        LeaveNetworks();
        _prepared = null;
        try
        {
            _services.Store.CleanUp(_directory.Name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _log.Warning("{VmName}: {Reason}", _directory.Name, e.Message);
        }

        // The instance may be deleted next: what it says is read now.
        RemoveCopies();
    }

    /// <summary>Copies of the guest's files on the host that are to go with the stop.</summary>
    private void RemoveCopies()
    {
        try
        {
            _services.AfterBoot.RemoveCopies(_services.Specs.Load(_id, _directory));
        }
        catch (DriverException e)
        {
            _log.Warning("{VmName}: copies on the host are left as they are: {Reason}", _directory.Name, e.Message);
        }
    }

    private void ReceiveControl()
    {
        Receive<VmEffect.PowerDown>(_ => OnPowerDown());
        Receive<PressAgain>(_ => OnPressAgain());
        Receive<VmEffect.PauseQemu>(_ => Control(m => m.PauseAsync(_stopped.Token), "pausing"));
        Receive<VmEffect.ResumeQemu>(_ => Control(m => m.ResumeAsync(_stopped.Token), "resuming"));
        Receive<VmEffect.KillQemu>(_ =>
        {
            Timers.Cancel("press");
            Control(m => m.KillAsync(_stopped.Token), "ending QEMU");
        });
        Receive<VmProtocol.CheckAlive>(_ => OnCheckAlive());
        Receive<DiskProtocol.WhichMachine>(_ =>
        {
            if (_attaching is not null) Stash.Stash();
            else Sender.Tell(new DiskProtocol.MachineIs(_machine?.Disks));
        });
        Receive<Checked>(OnChecked);
    }

    /// <summary>
    /// A guest that is just coming up may not listen to its power button yet, and a press that nobody heard is lost; so it is
    /// pressed again until the machine ends. A guest on its way down ignores that.
    /// </summary>
    private void OnPowerDown()
    {
        Timers.StartPeriodicTimer("press", PressAgain.Instance, FirstPressAgain, PressInterval);
        Control(m => m.PowerDownAsync(_stopped.Token), "pressing the power button");
    }

    private void OnPressAgain()
    {
        if (_machine is not { } machine) return;
        // The stop's deadline ends a machine that cannot be told; a failure here is no news.
        _ = Task.Run(() => machine.PowerDownAsync(_stopped.Token), _stopped.Token).ContinueWith(t => t.Exception, TaskScheduler.Default);
    }

    /// <summary>The machine's own events tell what came of it; only a failure is reported from here.</summary>
    private void Control(Func<IMachine, Task> act, string step)
    {
        if (_attaching is not null)
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
                LeaveNetworks();
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

    private void Detach()
    {
        Timers.Cancel("press");
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

    private sealed class PressAgain
    {
        public static readonly PressAgain Instance = new();
    }

    private sealed record PrepareDone(CancellationTokenSource Boot, int Attempt, PreparedInstance Instance);
    private sealed record BootEnded(CancellationTokenSource Boot, VmReport Report);
    private sealed record Checked(IMachine? Machine, VmCause? Problem);

    private sealed class ProgressPublisher(EventStream stream, VmId id, string name) : IProgress<StepProgress>
    {
        public void Report(StepProgress value) => stream.Publish(new VmProgress(id, name, value));
    }
}
