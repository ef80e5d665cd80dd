namespace Lima.Cli.Shell;

/// <summary>A directory of the host that the guest sees.</summary>
/// <param name="Location">Absolute path on the host.</param>
/// <param name="MountPoint">Absolute path in the guest.</param>
internal sealed record SharedDirectory(string Location, string MountPoint);

/// <summary>Lima's rule for where a command starts.</summary>
internal static class WorkingDirectory
{
    /// <summary>
    /// First match: the directory asked for; the host's current directory when it is shared (by the guest's path for it),
    /// with the home as second choice; the host's home when it is shared; else unchanged.
    /// </summary>
    public static StartDirectory Choose(string? asked, string current, string home, IReadOnlyList<SharedDirectory> shared)
    {
        if (!string.IsNullOrEmpty(asked)) return new StartDirectory.Must(asked);
        if (Seen(current, shared) is { } here) return new StartDirectory.Try(here == home ? [home] : [here, Seen(home, shared) ?? home]);
        if (Seen(home, shared) is { } homeSeen) return new StartDirectory.Try([homeSeen]);
        return new StartDirectory.Unchanged();
    }

    // The path by which the guest sees a directory of the host; null when it does not. The longest location wins.
    private static string? Seen(string path, IReadOnlyList<SharedDirectory> shared) => shared
        .Where(mount => Within(path, mount.Location))
        .OrderByDescending(mount => mount.Location.Length)
        .Select(mount => mount.MountPoint.TrimEnd('/') + path[mount.Location.TrimEnd('/').Length..])
        .Select(seen => seen.Length == 0 ? "/" : seen)
        .FirstOrDefault();

    private static bool Within(string path, string directory)
    {
        var parent = directory.TrimEnd('/') + "/";
        return path == directory || (path + "/").StartsWith(parent, StringComparison.Ordinal);
    }
}
