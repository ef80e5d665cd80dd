using Akka.Actor;
using Lima.Actors.Vms;
using Lima.Domain.Disks;
using Lima.Domain.Vms;
using Lima.Domain.Vms.Messages;
using Lima.Drivers;
using Lima.Drivers.Hypervisors;
using Lima.Drivers.Instances;
using Lima.Drivers.Ssh;

namespace Lima.Actors.Disks;

/// <summary>Changes the disks of one VM that runs, and has its guest give back free space. One change at a time, begun again by whoever comes next.</summary>
internal sealed class DisksActor : ReceiveActor, IWithTimers
{
    // After a restart of the host the session comes a moment later than the machine.
    private static readonly TimeSpan SessionLimit = TimeSpan.FromSeconds(60);

    private readonly VmId _id;
    private readonly InstanceDirectory _directory;
    private readonly VmServices _services;
    private readonly IActorRef _parent = Context.Parent;
    private readonly CancellationTokenSource _stopped = new();
    private DiskChange? _change;
    private bool _working, _machineKnown;
    private IMachineDisks? _machine;
    private ISshSession? _session;

    /// <summary>Use <see cref="Props"/>; Akka needs the constructor to be public.</summary>
    public DisksActor(VmId id, VmName name, VmServices services)
    {
        (_id, _services) = (id, services);
        _directory = services.Store.Home.Instance(name);
        Receive<VmEffect.ChangeDisk>(OnChange);
        Receive<DiskProtocol.MachineIs>(m =>
        {
            (_machine, _machineKnown) = (m.Disks, true);
            Proceed();
        });
        Receive<DiskProtocol.SessionIs>(m =>
        {
            _session = m.Session;
            Proceed();
        });
        Receive<SessionLate>(_ => Begin());
        Receive<Done>(OnDone);
        Receive<DiskProtocol.Trim>(OnTrim);
        Receive<DiskProtocol.Trimmed>(_parent.Tell);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>How to make one.</summary>
    public static Props Props(VmId id, VmName name, VmServices services) =>
        Akka.Actor.Props.Create(() => new DisksActor(id, name, services));

    /// <inheritdoc/>
    protected override void PostStop() => _stopped.Cancel();

    /// <inheritdoc/>
    protected override void PostRestart(Exception reason)
    {
        base.PostRestart(reason);
        _parent.Tell(new VmChildProtocol.RetryChild(VmChildren.DisksRole));
    }

    private void OnChange(VmEffect.ChangeDisk effect)
    {
        // Asked for again while it is under way: by whoever found that it is not finished.
        if (_working) return;
        (_change, _machineKnown) = (effect.Change, false);
    }

    private void Proceed()
    {
        if (_change is null || _working || !_machineKnown) return;
        if (_machine is null || _session is not null) Begin();
        else if (!Timers.IsTimerActive("session")) Timers.StartSingleTimer("session", SessionLate.Instance, SessionLimit);
    }

    private void Begin()
    {
        Timers.Cancel("session");
        if (_change is not { } change || _working) return;
        _working = true;
        var (life, machine, session) = (_stopped, _machine, _session);
        // After whatever is under way for this VM, so that a boot that follows reads the new configuration.
        _services.Boots.Run(_id, async () =>
        {
            life.Token.ThrowIfCancellationRequested();
            await _services.Disks.ChangeAsync(_directory, change, () => _services.Specs.Load(_id, _directory), machine, session, life.Token);
            return true;
        }).PipeTo(
            Self,
            success: _ => new Done(life, new VmReports.DiskChanged(change)),
            failure: e => new Done(life, new VmReports.DiskChangeFailed(change, Cause(e.GetBaseException()))));
    }

    private void OnDone(Done done)
    {
        // What an earlier life of this actor had begun is begun again by this one.
        if (!ReferenceEquals(done.Life, _stopped)) return;
        (_change, _working) = (null, false);
        _parent.Tell(done.Report);
    }

    private void OnTrim(DiskProtocol.Trim trim) => Task.Run(() => _services.Disks.TrimAsync(trim.Session, trim.Limit, _stopped.Token), _stopped.Token).PipeTo(
        Self,
        success: bytes => new DiskProtocol.Trimmed(bytes),
        failure: _ => new DiskProtocol.Trimmed(null));

    private static VmCause Cause(Exception e) => e is DriverException driver
        ? driver.Cause with { Code = VmCauses.DiskChangeFailed }
        : new VmCause(VmCauses.DiskChangeFailed, "changing the disks", e.Message, "see host.log");

    private sealed class SessionLate
    {
        public static readonly SessionLate Instance = new();
    }

    private sealed record Done(CancellationTokenSource Life, VmReport Report);
}
