namespace Lima.Domain.Mounts;

/// <summary>How a file was when it was looked at.</summary>
/// <param name="Modified">When its content last changed, in nanoseconds since 1970.</param>
/// <param name="Size">Bytes; 0 for a directory.</param>
/// <param name="Mode">What it is and who may do what, the kernel's bits.</param>
public readonly record struct FileMark(long Modified, long Size, int Mode)
{
    private const long Second = 1_000_000_000;

    /// <summary>Whole seconds since 1970, rounded down: all that every guest's tools and SFTP can express.</summary>
    public long Seconds => Math.DivRem(Modified, Second) is var (whole, rest) && rest < 0 ? whole - 1 : whole;

    /// <summary>As it looks after the guest has set its time, which loses the fraction.</summary>
    public FileMark Rounded => this with { Modified = Seconds * Second };
}

/// <summary>
/// What the guest was told of each file. Telling it leaves a trace on the host (the guest sets the time that the file has
/// already), which comes back as a change; that one is no news.
/// </summary>
/// <param name="filesMax">Most files that are remembered; then all are forgotten, and each is told once too often.</param>
public sealed class ToldFiles(int filesMax)
{
    private readonly Dictionary<string, FileMark> _told = [];

    /// <summary>How many are remembered.</summary>
    public int Count => _told.Count;

    /// <summary>Whether the guest was not told that the file is so.</summary>
    public bool IsNews(string path, FileMark mark) => !_told.TryGetValue(path, out var told) || (told != mark && told.Rounded != mark);

    /// <summary>The guest is being told.</summary>
    public void Tell(string path, FileMark mark)
    {
        if (_told.Count >= filesMax && !_told.ContainsKey(path)) _told.Clear();
        _told[path] = mark;
    }

    /// <summary>The file is gone.</summary>
    public void Forget(string path) => _told.Remove(path);
}
