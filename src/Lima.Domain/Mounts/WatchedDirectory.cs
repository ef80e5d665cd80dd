using System.Collections.Immutable;

namespace Lima.Domain.Mounts;

/// <summary>A directory of the host whose changes the guest is told.</summary>
/// <param name="Location">As the user named it; absolute.</param>
/// <param name="RealLocation">With all links followed; what changes is reported under this name.</param>
/// <param name="MountPoint">Where the guest sees it; absolute.</param>
public sealed record WatchedDirectory(string Location, string RealLocation, string MountPoint);

/// <summary>Where the guest sees what lies on the host.</summary>
public static class GuestPaths
{
    /// <summary>
    /// The path in the guest: what links stand for is put back first, then the most specific of the locations becomes its
    /// mount point. Null when the guest does not see it.
    /// </summary>
    /// <param name="directories">What is watched.</param>
    /// <param name="hostPath">Absolute path on the host, as it was reported.</param>
    public static string? Of(ImmutableArray<WatchedDirectory> directories, string hostPath)
    {
        var linked = MostSpecific(directories, hostPath, directory => directory.RealLocation);
        var path = linked is null ? hostPath : Replaced(hostPath, linked.RealLocation, linked.Location);
        return MostSpecific(directories, path, directory => directory.Location) is { } found ? Replaced(path, found.Location, found.MountPoint) : null;
    }

    /// <summary>Whether the path is the directory or lies in it; names are compared whole.</summary>
    public static bool IsIn(string path, string directory)
    {
        var prefix = directory.TrimEnd('/');
        return path.StartsWith(prefix, StringComparison.Ordinal) && (path.Length == prefix.Length || path[prefix.Length] == '/');
    }

    private static WatchedDirectory? MostSpecific(ImmutableArray<WatchedDirectory> directories, string path, Func<WatchedDirectory, string> name) =>
        directories.Where(directory => IsIn(path, name(directory))).MaxBy(directory => name(directory).TrimEnd('/').Length);

    private static string Replaced(string path, string from, string to)
    {
        var rest = path[from.TrimEnd('/').Length..].TrimEnd('/');
        return rest.Length == 0 ? to : to.TrimEnd('/') + rest;
    }
}
