namespace Lima.Drivers.Images;

/// <summary>Passes on at most about ten reports a second, and each change of step at once.</summary>
internal sealed class ThrottledProgress(IProgress<StepProgress> inner, TimeProvider time)
{
    private static readonly TimeSpan s_gap = TimeSpan.FromMilliseconds(100);
    private readonly Lock _gate = new();
    private long _last;
    private string _step = "";

    /// <summary>Passes the report on, unless the last one of its step was less than a tenth of a second ago.</summary>
    internal void Report(StepProgress report)
    {
        lock (_gate)
        {
            var isComplete = report.Done is { } done && done == report.Total;
            if (!isComplete && report.Step == _step && time.GetElapsedTime(_last) < s_gap) return;
            _step = report.Step;
            _last = time.GetTimestamp();
        }

        inner.Report(report);
    }

    /// <summary>Passes the report on whenever the last one was: it says something that must not be missed.</summary>
    internal void Say(StepProgress report) => inner.Report(report);
}
