namespace Lima.Drivers.Images;

/// <summary>Reports a build's last step and how long the build has taken: each second, and soon after a new step.</summary>
internal sealed class BuildClock : IAsyncDisposable
{
    private const string StepPrefix = "step:";
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(150);
    private readonly string _location;
    private readonly ThrottledProgress _progress;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly ITimer _timer;
    private volatile string _step = "starting";
    private int _isDue;

    /// <summary>Starts to tick.</summary>
    internal BuildClock(string location, ThrottledProgress progress, TimeProvider time)
    {
        (_location, _progress, _time, _started) = (location, progress, time, time.GetTimestamp());
        _timer = time.CreateTimer(_ => Report(), null, TimeSpan.Zero, s_tick);
    }

    /// <summary>Takes a line of the build's output.</summary>
    internal void Line(string line)
    {
        if (!line.StartsWith(StepPrefix, StringComparison.Ordinal)) return;
        _step = line[StepPrefix.Length..].Trim();
        // A report right now might fall to the throttle and be lost; a flood of steps makes one report, not none.
        if (Interlocked.Exchange(ref _isDue, 1) == 0) _timer.Change(s_soon, s_tick);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void Report()
    {
        Interlocked.Exchange(ref _isDue, 0);
        _progress.Report(new StepProgress(
            $"building {_location}", $"{_step} ({(long)_time.GetElapsedTime(_started).TotalSeconds} s)"));
    }
}
