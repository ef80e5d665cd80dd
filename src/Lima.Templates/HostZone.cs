namespace Lima.Templates;

/// <summary>Name of the host's time zone, from the two places where Linux keeps it.</summary>
public static class HostZone
{
    private const string Zones = "/usr/share/zoneinfo";

    /// <summary>The name; empty when neither place gives one.</summary>
    /// <param name="timezone">Content of <c>/etc/timezone</c>; null when there is none.</param>
    /// <param name="localtime">The file that <c>/etc/localtime</c> leads to; null when there is none.</param>
    /// <param name="exists">Whether there is a file or directory.</param>
    public static string Name(string? timezone, string? localtime, Func<string, bool> exists)
    {
        var name = timezone?.Trim() ?? "";

        // Where no zones are installed a name cannot be looked up, and is believed.
        if (name.Length > 0 && (exists($"{Zones}/{name}") || !exists(Zones))) return name;
        return localtime is null ? "" : FromPath(localtime, exists) ?? "";
    }

    /// <summary>Name of the zone that a file describes, which is its path below the directory of zones; null when it is in none.</summary>
    /// <param name="file">An absolute path (<c>/usr/share/zoneinfo/Antarctica/Troll</c>).</param>
    /// <param name="exists">Whether there is a file or directory.</param>
    public static string? FromPath(string file, Func<string, bool> exists)
    {
        if (!exists(file)) return null;
        for (var directory = Path.GetDirectoryName(file); !string.IsNullOrEmpty(directory) && directory != "/"; directory = Path.GetDirectoryName(directory))
        {
            if (exists($"{directory}/Etc/UTC")) return file[(directory.Length + 1)..];
        }

        return null;
    }
}
