using System.Text;

namespace Lima.Cli.Plugins;

/// <summary>
/// Finds plugins beside the program, in <c>PATH</c>, and among the product's helper programs, in that order; of two with
/// the same name the first found counts.
/// </summary>
internal sealed class PluginFinder(CliWorld world, CliPaths paths)
{
    private const string Prefix = "limactl-";
    private const string SchemePrefix = "url-";
    private const int DescriptionBytesMax = 64 * 1024;
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Directories that are searched.</summary>
    public IReadOnlyList<string> Directories =>
    [
        Path.GetDirectoryName(world.BinaryPath) ?? "/",
        .. (world.Env("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries),
        paths.Libexec,
    ];

    /// <summary>The plugin of a name; null when there is none.</summary>
    public Plugin? Find(string name)
    {
        if (name.Length == 0 || name.Contains('/')) return null;
        var path = Directories.Select(directory => Path.Combine(directory, Prefix + name)).FirstOrDefault(IsProgram);
        return path is null ? null : new Plugin(name, path, Description(path));
    }

    /// <summary>All plugins by name. Those that only resolve addresses are no commands and are left out.</summary>
    public IReadOnlyList<Plugin> All()
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Directories.SelectMany(Programs))
        {
            var name = Path.GetFileName(path)[Prefix.Length..];
            if (!name.StartsWith(SchemePrefix, StringComparison.Ordinal)) found.TryAdd(name, path);
        }

        return [.. found.Select(pair => new Plugin(pair.Key, pair.Value, Description(pair.Value)))];
    }

    private static IEnumerable<string> Programs(string directory)
    {
        try
        {
            return [.. Directory.EnumerateFiles(directory, Prefix + "?*").Where(IsProgram)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // PATH often names directories that are not there.
            return [];
        }
    }

    private static bool IsProgram(string path)
    {
        try
        {
            var target = new FileInfo(path);
            var file = target.ResolveLinkTarget(returnFinalTarget: true) ?? target;
            return file is FileInfo { Exists: true } && (file.UnixFileMode & AnyExecute) != 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Description(string path)
    {
        const string open = "<limactl-desc>";
        var text = Head(path);
        if (!text.StartsWith("#!", StringComparison.Ordinal)) return "";
        var from = text.IndexOf(open, StringComparison.Ordinal);
        if (from < 0) return "";
        from += open.Length;
        var to = text.IndexOf("</limactl-desc>", from, StringComparison.Ordinal);
        return to < 0 || text.AsSpan(from, to - from).Contains('\n') ? "" : Output.Printable.Line(text[from..to].Trim());
    }

    private static string Head(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var bytes = new byte[DescriptionBytesMax];
            return Encoding.UTF8.GetString(bytes, 0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
