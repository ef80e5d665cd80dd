using System.Net.Sockets;
using Lima.Domain.Agent;
using Lima.Drivers.PortForwarding;

namespace Lima.Drivers.Agent;

/// <summary>Who is told how the link to an agent is.</summary>
/// <param name="Changed">That session works; null: it has ended.</param>
/// <param name="Ears">What the guest tells.</param>
/// <param name="Log">Lines for the log; the same one at most once a minute.</param>
internal sealed record AgentOwner(Action<AgentSession?> Changed, AgentEars Ears, Action<string> Log);

/// <summary>
/// Keeps a session with the agent of one guest for as long as there is a QEMU with a port for it. While the guest has no agent the
/// question waits with QEMU, so that one that comes later is met at once.
/// </summary>
internal sealed class AgentLink : IAsyncDisposable
{
    private static readonly TimeSpan WelcomeLimit = TimeSpan.FromSeconds(30), AnswerLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100), LongestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongLife = TimeSpan.FromSeconds(30), SilenceMax = TimeSpan.FromSeconds(60), JumpMin = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly AgentMemory _memory;
    private readonly AgentOwner _owner;
    private readonly TimeProvider _time;
    private readonly RareLog _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private AgentSession? _session;
    private long _checkedTicks;
    private DateTimeOffset _checkedAt;

    /// <summary>Begins.</summary>
    /// <param name="path">QEMU's socket of the port.</param>
    /// <param name="memory">Where windows come from.</param>
    /// <param name="owner">Who is told.</param>
    /// <param name="time">For time, limits and pauses.</param>
    public AgentLink(string path, AgentMemory memory, AgentOwner owner, TimeProvider time)
    {
        (_path, _memory, _owner, _time) = (path, memory, owner, time);
        _log = new RareLog(owner.Log, time);
        (_checkedTicks, _checkedAt) = (time.GetTimestamp(), time.GetUtcNow());
        _running = Task.Run(RunAsync);
    }

    /// <summary>The session that works; null while there is none.</summary>
    public AgentSession? Session => Volatile.Read(ref _session);

    /// <summary>
    /// Looks whether the agent is there when nothing has been heard of it for a minute, and whether the host's clock has jumped, as it does
    /// when the host has slept.
    /// </summary>
    public async Task CheckAsync(TimeSpan limit, CancellationToken cancel)
    {
        if (HasJumped()) await SetTimeAsync(cancel);
        if (Session is { } session && session.Silence >= SilenceMax) await CheckAsync(session, limit, cancel);
    }

    /// <summary>Ends a session whose agent does not answer, and says nothing else either: one that is only busy is there.</summary>
    public static async Task CheckAsync(AgentSession session, TimeSpan limit, CancellationToken cancel)
    {
        try
        {
            await session.Questions.PingAsync(limit, cancel);
        }
        catch (DriverException e)
        {
            if (session.Silence >= limit) session.End(e.Message);
        }
        catch (OperationCanceledException)
        {
            // Nobody wants to know any more.
        }
    }

    /// <summary>Has the guest set its clock, if it has an agent.</summary>
    public async Task SetTimeAsync(CancellationToken cancel)
    {
        if (Session is not { } session) return;
        try
        {
            var timed = await session.Questions.SetTimeAsync(AnswerLimit, cancel);
            if (timed.Adjusted) _owner.Log($"the guest's clock was {Offset(timed.Offset)}, and is set");
        }
        catch (DriverException)
        {
            // Its next session begins with it.
        }
    }

    /// <summary>How the guest is; null when it has no agent that answers.</summary>
    public async Task<AgentStatus?> StatusAsync(CancellationToken cancel)
    {
        try
        {
            return Session is { } session ? await session.Questions.StatusAsync(AnswerLimit, cancel) : null;
        }
        catch (DriverException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    private async Task RunAsync()
    {
        var pause = FirstPause;
        while (!_stop.IsCancellationRequested)
        {
            var began = _time.GetTimestamp();
            // A QEMU that was started without the port does not get one.
            if (!File.Exists(_path)) return;
            await LiveAsync();
            pause = _time.GetElapsedTime(began) >= LongLife ? FirstPause : TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
            await Task.Delay(pause, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LiveAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_path), _stop.Token);
            using var session = await AgentSession.BeginAsync(socket, _memory, _owner.Ears, _time, _stop.Token);
            await using var stop = _stop.Token.Register(session.Dispose);
            var welcome = await session.Welcomed.WaitAsync(WelcomeLimit, _time, _stop.Token);
            if (AgentProtocol.Common(welcome.Version) is null)
            {
                _log.Say($"the guest's agent speaks version {welcome.Version} of the protocol, which is not known here: it is not used");
                await session.Ended;
                return;
            }

            await UseAsync(session);
        }
        catch (Exception e) when (e is SocketException or TimeoutException or OperationCanceledException or IOException)
        {
            // There is no agent yet, or nobody who asks for it any more.
            socket.Dispose();
        }
    }

    private async Task UseAsync(AgentSession session)
    {
        Volatile.Write(ref _session, session);
        session.Watch();
        _owner.Changed(session);
        _ = SetTimeAsync(_stop.Token).ContinueWith(t => t.Exception, TaskScheduler.Default);
        var why = await session.Ended;
        Volatile.Write(ref _session, null);
        _owner.Changed(null);
        if (!session.IsLeaving && why.Length > 0 && !_stop.IsCancellationRequested) _log.Say(why);
    }

    /// <summary>The clock of the day goes on while the host sleeps, the one that counts does not.</summary>
    private bool HasJumped()
    {
        var (ticks, at) = (_time.GetTimestamp(), _time.GetUtcNow());
        var jump = at - _checkedAt - _time.GetElapsedTime(_checkedTicks, ticks);
        (_checkedTicks, _checkedAt) = (ticks, at);
        return jump.Duration() > JumpMin;
    }

    private static string Offset(long nanoseconds)
    {
        var seconds = Math.Abs((double)nanoseconds) / 1e9;
        var text = seconds >= 120 ? FormattableString.Invariant($"{seconds / 60:0} minutes") : FormattableString.Invariant($"{seconds:0.0} seconds");
        return $"{text} {(nanoseconds < 0 ? "behind" : "ahead")}";
    }
}
