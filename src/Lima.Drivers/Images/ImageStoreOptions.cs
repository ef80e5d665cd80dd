namespace Lima.Drivers.Images;

/// <summary>Where the image store keeps its files, and how long it waits for the world.</summary>
public sealed record ImageStoreOptions
{
    /// <summary>Lima's cache directory; see <see cref="DefaultCacheDirectory"/>.</summary>
    public required string CacheDirectory { get; init; }

    /// <summary>Directory of the product's own files; recipes are in its <c>images/NAME/build</c>.</summary>
    public required string ShareDirectory { get; init; }

    /// <summary>How often a transfer may fail in a row without getting one byte further.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>Pause before the second attempt; it doubles each time up to <see cref="LongestBackOff"/>.</summary>
    public TimeSpan FirstBackOff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause between attempts, also when the server asks for more.</summary>
    public TimeSpan LongestBackOff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time for name resolution and connection.</summary>
    public TimeSpan ConnectLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time for a server to begin its answer.</summary>
    public TimeSpan AnswerLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time that a transfer may stand still before it counts as broken.</summary>
    public TimeSpan IdleLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Time for asking whether a cached file has changed; then it is used as it is.</summary>
    public TimeSpan RevalidateLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time to wait for another process that is making the same entry.</summary>
    public TimeSpan EntryLimit { get; init; } = TimeSpan.FromHours(3);

    /// <summary>Time for one run of a recipe.</summary>
    public TimeSpan BuildLimit { get; init; } = TimeSpan.FromHours(2);

    /// <summary>Time that a cancelled build has for cleaning up before it is killed.</summary>
    public TimeSpan BuildStopLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an unfinished download is kept for resumption.</summary>
    public TimeSpan PartialLife { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Whether recipes may install the packages they need: as root, unless <c>LIMA_RECIPE_INSTALL</c> is <c>0</c>.</summary>
    public bool InstallPackages { get; init; } =
        NativeFiles.IsRoot && Environment.GetEnvironmentVariable("LIMA_RECIPE_INSTALL") != "0";

    /// <summary><c>$XDG_CACHE_HOME/lima</c>, or <c>~/.cache/lima</c> when that is not set to an absolute path.</summary>
    public static string DefaultCacheDirectory()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        var root = cache is not null && Path.IsPathFullyQualified(cache)
            ? cache
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(root, "lima");
    }
}
