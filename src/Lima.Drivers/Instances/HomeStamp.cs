namespace Lima.Drivers.Instances;

/// <summary>
/// Tells by the time stamp of the home's own directory whether instance directories came or went since they were last
/// read. Safe for any number of threads.
/// </summary>
public sealed class HomeStamp(LimaHome home, TimeProvider time)
{
    // Time stamps of directories are coarse, and who makes an instance by hand makes its directory first and fills it
    // then, which the home's stamp does not show: what has just changed is looked at again.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);
    private long _seen;

    /// <summary>Whether the directories must be read again.</summary>
    /// <param name="look">Pass it to <see cref="Saw"/> once they have been read.</param>
    public bool HasChanged(out Look look)
    {
        var stamp = Directory.GetLastWriteTimeUtc(home.Path);
        // A stamp of the future (a clock that was set back) is no reason to look for ever.
        look = new Look(stamp.Ticks, (time.GetUtcNow().UtcDateTime - stamp).Duration() > Settling);
        return stamp.Ticks != Interlocked.Read(ref _seen);
    }

    /// <summary>The directories have been read since that look.</summary>
    public void Saw(Look look)
    {
        if (look.IsSettled) Interlocked.Exchange(ref _seen, look.Stamp);
    }

    /// <summary>One look at the home.</summary>
    /// <param name="Stamp">Its time stamp.</param>
    /// <param name="IsSettled">Whether that is old enough to be believed.</param>
    public readonly record struct Look(long Stamp, bool IsSettled);
}
