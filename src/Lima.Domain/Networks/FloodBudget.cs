namespace Lima.Domain.Networks;

/// <summary>
/// How many frames for everybody a port may send: so many at once, and so many a second after that. A guest that bridges two of its
/// own cards makes a loop, and without a limit one frame would go round it for ever, to all.
/// </summary>
public struct FloodBudget
{
    /// <summary>Frames at once.</summary>
    public const int Burst = 1024;

    /// <summary>Frames a second in the long run.</summary>
    public const int PerSecond = 1024;

    private double _left;
    private TimeSpan _at;
    private bool _isUsed;

    /// <summary>Takes one; false when there is none left.</summary>
    public bool Take(TimeSpan now)
    {
        _left = _isUsed ? Math.Min(Burst, _left + ((now - _at).TotalSeconds * PerSecond)) : Burst;
        (_at, _isUsed) = (now, true);
        if (_left < 1) return false;
        _left--;
        return true;
    }
}
