using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Lima.Actors.Vms;
using Lima.Domain.Mounts;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers;
using Lima.Drivers.Instances;
using Lima.Drivers.Mounts;
using Lima.Drivers.Ssh;

namespace Lima.Actors.Mounts;

/// <summary>
/// Sees to it that the guest has the directories of the host that it should have: looks when a session comes up, when a mount
/// is known to have broken, when what is wanted changes, and now and then; mends what is wrong with a growing pause, and
/// tells the parent each time how the mounts are. When this actor stops it lets go; the guest keeps what its kernel keeps.
/// </summary>
public sealed class MountManagerActor : ReceiveActor, IWithTimers
{
    private readonly VmId _id;
    private readonly InstanceDirectory _directory;
    private readonly VmServices _services;
    private readonly MountRound _round;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopped = new();
    private readonly IActorRef _parent = Context.Parent;
    private readonly ForwardedChanges _changesOnHost;

    private ImmutableArray<MountChange> _changes;
    private ImmutableArray<KeptMount> _kept = [];
    private MountsSpec? _configured;
    private UserSpec? _user;
    private ISshSession? _session;
    private Task<Seen>? _running;
    private bool _again;
    private TimeSpan _pause;

    /// <summary>Use <see cref="Props"/>; Akka needs the constructor to be public.</summary>
    public MountManagerActor(VmId id, VmName name, ImmutableArray<MountChange> changes, VmServices services)
    {
        _id = id;
        _services = services;
        _directory = services.Store.Home.Instance(name);
        _changes = changes;
        _round = new MountRound(services.Mounts);
        _changesOnHost = new ForwardedChanges(services.Changes, name, _log);
        _pause = services.Settings.BackoffMin;
        Receive<MountProtocol.SessionIs>(OnSession);
        Receive<MountProtocol.Change>(OnChange);
        Receive<Seen>(OnSeen);
        Receive<Broke>(OnBroke);
        Receive<Look>(_ => Begin());
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>How to make one.</summary>
    public static Props Props(VmId id, VmName name, ImmutableArray<MountChange> changes, VmServices services) =>
        Akka.Actor.Props.Create(() => new MountManagerActor(id, name, changes, services));

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _stopped.Cancel();
        _changesOnHost.Stop();
        _ = LetGoAsync(_kept, _running);
    }

    /// <inheritdoc/>
    protected override void PostRestart(Exception reason)
    {
        base.PostRestart(reason);
        _parent.Tell(new VmChildProtocol.WhichSession());
    }

    private void OnSession(MountProtocol.SessionIs message)
    {
        _session = message.Session;
        _pause = _services.Settings.BackoffMin;
        if (_session is not null)
        {
            Begin();
            return;
        }

        Timers.Cancel("look");
        _changesOnHost.Stop();
    }

    private void OnChange(MountProtocol.Change change)
    {
        _changes = change.All;
        Begin();
    }

    /// <summary>Begins a round; while one is under way, another follows it.</summary>
    private void Begin()
    {
        if (_session is not { } session) return;
        _again = _running is not null;
        if (_again) return;
        Timers.Cancel("look");
        var (kept, changes) = (_kept, _changes);
        var stop = _stopped.Token;
        _running = Task.Run(() => SeeAsync(session, kept, changes, stop), stop);
        _running.PipeTo(Self, failure: e => new Seen(session, kept, Problem(e)));
    }

    private async Task<Seen> SeeAsync(ISshSession session, ImmutableArray<KeptMount> kept, ImmutableArray<MountChange> changes, CancellationToken stop)
    {
        if (_configured is null)
        {
            // What is changed in the configuration while the machine lives is for its next start.
            var spec = _services.Specs.Load(_id, _directory);
            (_configured, _user) = (spec.Plain ? new MountsSpec() : spec.Mounts, spec.User);
        }

        var wanted = WantedMount.All(_configured, changes);
        if (wanted.IsEmpty && kept.IsEmpty) return new Seen(session, [], null);
        return new Seen(session, await _round.RunAsync(new MountRoundInput(_id, _directory, _user!, session, wanted, kept), stop), null);
    }

    private void OnSeen(Seen seen)
    {
        _running = null;
        if (_stopped.IsCancellationRequested) return;
        foreach (var live in seen.Mounts.Select(mount => mount.Live).OfType<ILiveMount>())
            if (!_kept.Any(known => ReferenceEquals(known.Live, live))) EndAsync(live).PipeTo(Self);
        _kept = seen.Mounts;
        // A session that broke meanwhile is no news of the mounts; the next one is.
        var isCurrent = ReferenceEquals(seen.Session, _session);
        if (isCurrent)
        {
            Tell(seen.Failure);
            if (_configured is { Inotify: true }) _changesOnHost.Follow(_session, [.. _kept.Select(mount => mount.Wanted.Spec)]);
        }

        var isWell = seen.Failure is null && _kept.All(mount => mount.IsUp);
        if (_again || !isCurrent) Begin();
        else if (isWell) LookNowAndThen();
        else LookLater();
    }

    // Whoever unmounts by hand in the guest, and a guest that does it itself, are noticed by this.
    private void LookNowAndThen()
    {
        _pause = _services.Settings.BackoffMin;
        if (!_kept.IsEmpty) Timers.StartSingleTimer("look", Look.Instance, _services.Settings.MountLook);
    }

    private static async Task<Broke> EndAsync(ILiveMount live) => new(live, await live.Broken);

    private void OnBroke(Broke broke)
    {
        // What a round lets go of ends, too, and that is no news. One that broke by itself meanwhile is seen by the next round.
        if (_running is not null)
        {
            _again = true;
            return;
        }

        if (_kept.FirstOrDefault(mount => ReferenceEquals(mount.Live, broke.Live)) is not { } mount) return;
        _log.Warning("{VmName}: the mount at {MountPoint} broke: {Reason}", _directory.Name, mount.Wanted.Spec.MountPoint, broke.Reason);
        _kept = _kept.Replace(mount, mount with { Problem = MountErrors.Because(broke.Reason).Cause });
        if (_session is null) return;
        Tell(null);
        // The first time at once; one that breaks again and again has to wait.
        if (_pause == _services.Settings.BackoffMin) Begin();
        LookLater();
    }

    private void LookLater()
    {
        Timers.StartSingleTimer("look", Look.Instance, _pause);
        _pause = TimeSpan.FromTicks(Math.Min(_pause.Ticks * 2, _services.Settings.BackoffMax.Ticks));
    }

    private void Tell(VmCause? failure)
    {
        foreach (var mount in _kept.Where(mount => mount.Note.Length > 0 && mount.IsUp))
            _log.Info("{VmName}: {MountPoint}: {Note}", _directory.Name, mount.Wanted.Spec.MountPoint, mount.Note);
        _parent.Tell(new VmChildProtocol.MountsAre([.. _kept.Select(mount => mount.Status)], failure ?? MountCauses.Of(_kept)));
    }

    private static VmCause Problem(Exception e) => e.GetBaseException() is DriverException driver
        ? driver.Cause with { Code = VmCauses.Mounts }
        : new VmCause(VmCauses.Mounts, "mounting", e.GetBaseException().Message, "see host.log");

    /// <summary>Lets go of everything, also of what a round that is under way may still bring.</summary>
    private static async Task LetGoAsync(ImmutableArray<KeptMount> kept, Task<Seen>? running)
    {
        if (running is not null)
        {
            await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (running.IsCompletedSuccessfully) kept = (await running).Mounts;
        }

        foreach (var live in kept.Select(mount => mount.Live).OfType<ILiveMount>()) await live.DisposeAsync();
    }

    private sealed class Look
    {
        public static readonly Look Instance = new();
    }

    private sealed record Seen(ISshSession Session, ImmutableArray<KeptMount> Mounts, VmCause? Failure);
    private sealed record Broke(ILiveMount Live, string Reason);
}
