using Akka.Actor;
using Akka.Event;
using Lima.Actors.Vms;
using Lima.Domain.Vms;
using Lima.Drivers;
using Lima.Drivers.Instances;
using Lima.Drivers.Ssh;

namespace Lima.Actors.Ssh;

/// <summary>What others ask of a session.</summary>
internal static class SshProtocol
{
    /// <summary>Run a command; answered with <see cref="Result"/>, which has the same <paramref name="Tag"/>.</summary>
    public sealed record Exec(string Command, TimeSpan Limit, int Tag = 0);

    /// <summary>What it did; null when the session broke.</summary>
    public sealed record Result(SshResult? Value, VmCause? Problem, int Tag = 0);

    /// <summary>The guest says that its server can be reached: no need to look whether it answers, nor to go on waiting.</summary>
    public sealed class Reachable
    {
        public static readonly Reachable Instance = new();
    }
}

/// <summary>
/// Keeps one authenticated session with a guest: connects with a growing pause, notices when it breaks, connects again,
/// and tells the parent each time. Its host key is the one that was injected.
/// </summary>
public sealed class SshSessionActor : ReceiveActor, IWithTimers
{
    private const int OutputMax = 64 * 1024;

    private readonly InstanceDirectory _directory;
    private readonly VmServices _services;
    private readonly VmId _id;
    private readonly int _port;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopped = new();
    private readonly IActorRef _parent = Context.Parent;
    private ISshSession? _session;
    private TimeSpan _pause;
    private Task<ISshSession?>? _connecting;
    private CancellationTokenSource? _asking;
    private bool _isReachable;

    /// <summary>Use <see cref="Props"/>; Akka needs the constructor to be public.</summary>
    public SshSessionActor(VmId id, VmName name, int port, VmServices services, bool isReachable)
    {
        _isReachable = isReachable;
        _id = id;
        _services = services;
        _port = port;
        _directory = services.Store.Home.Instance(name);
        _pause = services.Settings.SshRetryMin;
        Receive<Connect>(_ => OnConnect());
        Receive<SshProtocol.Reachable>(_ => OnReachable());
        Receive<Connected>(OnConnected);
        Receive<NotYet>(OnNotYet);
        Receive<Broken>(OnBroken);
        Receive<VmProtocol.CheckAlive>(_ => OnCheckAlive());
        Receive<Alive>(_ => { });
        Receive<SshProtocol.Exec>(OnExec);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>How to make one.</summary>
    public static Props Props(VmId id, VmName name, int port, VmServices services, bool isReachable) =>
        Akka.Actor.Props.Create(() => new SshSessionActor(id, name, port, services, isReachable));

    /// <inheritdoc/>
    protected override void PreStart() => OnConnect();

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _stopped.Cancel();
        if (_session is { } session) _ = session.DisposeAsync().AsTask();
        _ = CloseAsync(_connecting);
    }

    /// <summary>Closes a session that comes too late for this actor.</summary>
    private static async Task CloseAsync(Task<ISshSession?>? connecting)
    {
        if (connecting is null) return;
        await ((Task)connecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (connecting.IsCompletedSuccessfully && await connecting is { } late) await late.DisposeAsync();
    }

    private void OnConnect()
    {
        if (_connecting is not null || _session is not null) return;
        Timers.Cancel("connect");
        _asking?.Dispose();
        var asking = _asking = CancellationTokenSource.CreateLinkedTokenSource(_stopped.Token);
        var isReachable = _isReachable;
        _isReachable = false;
        _connecting = Task.Run(() => ConnectAsync(isReachable, asking.Token), _stopped.Token);
        var life = _stopped;
        _connecting.PipeTo(
            Self,
            success: session => session is null ? new NotYet(life, null) : new Connected(life, session),
            failure: e => new NotYet(life, e.GetBaseException()));
    }

    private void OnReachable()
    {
        if (_session is not null) return;
        _isReachable = true;
        // A question asked too early hangs in QEMU's network for seconds.
        _asking?.Cancel();
        OnConnect();
    }

    private async Task<ISshSession?> ConnectAsync(bool isReachable, CancellationToken asking)
    {
        var spec = _services.Specs.Load(_id, _directory);
        var hostKey = await File.ReadAllTextAsync(_directory.SshHostKey + ".pub", _stopped.Token);
        var target = new SshTarget("127.0.0.1", _port, spec.User.Name, _services.Store.Home.UserKey, hostKey.Trim());
        // Each question costs the guest a process of its server, and an emulated one has little to spare.
        if (!isReachable && !await AnswersAsync(target, asking)) return null;
        return await _services.Ssh.ConnectAsync(target, _stopped.Token);
    }

    /// <summary>The forwarded port accepts at once, whether or not a server listens behind it; its greeting tells.</summary>
    private async Task<bool> AnswersAsync(SshTarget target, CancellationToken asking)
    {
        try
        {
            return await _services.Ssh.AnswersAsync(target, TimeSpan.FromSeconds(2), asking);
        }
        catch (OperationCanceledException) when (!_stopped.IsCancellationRequested)
        {
            return false;
        }
    }

    private void OnConnected(Connected connected)
    {
        if (!ReferenceEquals(connected.Life, _stopped)) return;
        _connecting = null;
        _session = connected.Session;
        _pause = _services.Settings.SshRetryMin;
        var session = connected.Session;
        session.Closed.ContinueWith(_ => new Broken(session, "the connection was closed"), TaskScheduler.Default).PipeTo(Self);
        _parent.Tell(new VmChildProtocol.SshUp(Self) { Connection = session });
    }

    private void OnNotYet(NotYet notYet)
    {
        if (!ReferenceEquals(notYet.Life, _stopped)) return;
        _connecting = null;
        if (notYet.Cause is { } cause) _log.Debug("{VmName}: no SSH session yet: {Reason}", _directory.Name, cause.Message);
        if (_isReachable)
        {
            OnConnect();
            return;
        }

        Timers.StartSingleTimer("connect", Connect.Instance, _pause);
        _pause = TimeSpan.FromTicks(Math.Min(_pause.Ticks * 2, _services.Settings.SshRetryMax.Ticks));
    }

    private void OnBroken(Broken broken)
    {
        if (!ReferenceEquals(broken.Session, _session)) return;
        _session = null;
        _ = broken.Session.DisposeAsync().AsTask();
        _parent.Tell(new VmChildProtocol.SshDown(new VmCause(
            VmCauses.SshDown, "keeping the SSH session", broken.Reason, "it is tried again by itself")));
        Timers.StartSingleTimer("connect", Connect.Instance, _pause);
    }

    private void OnCheckAlive()
    {
        // Each question costs the guest a process; what others have asked of it lately shows the same.
        if (_session is not { } session || session.Silence < _services.Settings.SshSilence) return;
        Task.Run(() => session.PingAsync(_services.Settings.HeartbeatLimit, _stopped.Token), _stopped.Token).PipeTo(
            Self,
            success: () => Alive.Instance,
            failure: e => new Broken(session, $"no answer: {e.GetBaseException().Message}"));
    }

    private void OnExec(SshProtocol.Exec exec)
    {
        if (_session is not { } session)
        {
            Sender.Tell(new SshProtocol.Result(null, new VmCause(VmCauses.SshDown, "running a command", "there is no SSH session", ""), exec.Tag));
            return;
        }

        Task.Run(() => session.ExecAsync(exec.Command, exec.Limit, OutputMax, _stopped.Token), _stopped.Token).PipeTo(
            Sender, Self,
            success: result => new SshProtocol.Result(result, null, exec.Tag),
            failure: e => new SshProtocol.Result(null, new VmCause(VmCauses.SshDown, "running a command", e.GetBaseException().Message), exec.Tag));
    }

    private sealed class Connect
    {
        public static readonly Connect Instance = new();
    }

    private sealed class Alive
    {
        public static readonly Alive Instance = new();
    }

    // The first field tells results of an earlier life of this actor, before a restart, from its own.
    private sealed record Connected(CancellationTokenSource Life, ISshSession Session);
    private sealed record NotYet(CancellationTokenSource Life, Exception? Cause);
    private sealed record Broken(ISshSession Session, string Reason);
}
