namespace Lima.Drivers.Agent;

/// <summary>How much news of itself a guest may send: a burst, and a steady rate. Not for several threads.</summary>
internal sealed class NewsBudget(TimeProvider time)
{
    /// <summary>The burst.</summary>
    public const int Burst = 300;

    private const double PerSecond = 50;

    private double _left = Burst;
    private long _last = time.GetTimestamp();

    /// <summary>Takes one; false when there are none left.</summary>
    public bool Spend()
    {
        var now = time.GetTimestamp();
        _left = Math.Min(Burst, _left + time.GetElapsedTime(_last, now).TotalSeconds * PerSecond);
        _last = now;
        if (_left < 1) return false;
        _left--;
        return true;
    }
}
