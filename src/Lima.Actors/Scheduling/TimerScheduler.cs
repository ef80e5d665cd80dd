using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Lima.Actors.Scheduling;

/// <summary>
/// Akka's scheduler on .NET's own timers. The default one is a wheel that turns for ever: even at ten turns a second it
/// takes half a percent of a processor in a process that has nothing to do. This one sleeps until something is due.
/// </summary>
public sealed class TimerScheduler : SchedulerBase, IDateTimeOffsetNowTimeProvider, IDisposable
{
    // Timers are roots by themselves only while someone holds them.
    private readonly ConcurrentDictionary<Entry, byte> _entries = new();
    private volatile bool _disposed;

    /// <summary>Made by Akka from <c>akka.scheduler.implementation</c>.</summary>
    public TimerScheduler(Config config, ILoggingAdapter log)
        : base(config, log)
    {
    }

    /// <inheritdoc/>
    protected override DateTimeOffset TimeNow => TimeProvider.System.GetUtcNow();

    /// <inheritdoc/>
    public override TimeSpan MonotonicClock => TimeSpan.FromMilliseconds(Environment.TickCount64);

    /// <inheritdoc/>
    public override TimeSpan HighResMonotonicClock => System.Diagnostics.Stopwatch.GetElapsedTime(0);

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        foreach (var entry in _entries.Keys) entry.Stop();
    }

    /// <inheritdoc/>
    protected override void InternalScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Add(delay, null, () => receiver.Tell(message, sender), cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleTellRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Add(initialDelay, interval, () => receiver.Tell(message, sender), cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable) => Add(delay, null, action, cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable) => Add(delay, null, action.Run, cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) =>
        Add(initialDelay, interval, action, cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable cancelable) =>
        Add(initialDelay, interval, action.Run, cancelable);

    private void Add(TimeSpan delay, TimeSpan? interval, Action act, ICancelable? cancelable)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (cancelable is { IsCancellationRequested: true }) return;
        var entry = new Entry(act, interval is null, e => _entries.TryRemove(e, out _), Log);
        _entries.TryAdd(entry, 0);
        entry.Start(delay, interval, cancelable);
    }

    private sealed class Entry(Action act, bool isOnce, Action<Entry> done, ILoggingAdapter log)
    {
        private readonly Lock _lock = new();
        private Timer? _timer;
        private CancellationTokenRegistration _cancelled;
        private bool _stopped;

        public void Start(TimeSpan delay, TimeSpan? interval, ICancelable? cancelable)
        {
            lock (_lock)
            {
                if (_stopped) return;
                _timer = new Timer(static state => ((Entry)state!).Due(), this, delay, interval ?? Timeout.InfiniteTimeSpan);
            }

            // Registered last: a token that is cancelled by now runs this at once.
            if (cancelable is not null) _cancelled = cancelable.Token.Register(Stop);
        }

        public void Stop()
        {
            lock (_lock)
            {
                _stopped = true;
                _timer?.Dispose();
            }

            done(this);
        }

        private void Due()
        {
            lock (_lock)
            {
                if (_stopped) return;
            }

            try
            {
                act();
            }
            catch (Exception e)
            {
                log.Error(e, "what was scheduled failed");
            }

            if (!isOnce) return;
            _cancelled.Dispose();
            Stop();
        }
    }
}
