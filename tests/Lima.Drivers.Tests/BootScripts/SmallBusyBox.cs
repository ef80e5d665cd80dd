using System.Diagnostics;
using System.Text;
using Lima.Testing;

namespace Lima.Drivers.Tests.BootScripts;

/// <summary>
/// This machine's BusyBox with few of its programs. Debian's takes its own ones before those in PATH, so that a test's stand-in for
/// <c>hostname</c> would never be called, and the real one would be; other distributions' does not. Names are changed in the table of
/// names, in such a way that it stays sorted; where that cannot be (<c>ip</c> before <c>ipcalc</c>), one stays.
/// </summary>
internal static class SmallBusyBox
{
    private static readonly Lock OneAtATime = new();
    private static string? made;

    /// <summary>A file with the program that has no applets but these, beside the tests; for copying.</summary>
    public static string Path(IReadOnlyCollection<string> kept)
    {
        lock (OneAtATime)
        {
            if (made is not null) return made;
            var path = System.IO.Path.Combine(AppContext.BaseDirectory, "busybox-small");
            File.WriteAllBytes(path + $".{Environment.ProcessId}", Bytes(kept));
            File.Move(path + $".{Environment.ProcessId}", path, overwrite: true);
            return made = path;
        }
    }

    private static byte[] Bytes(IReadOnlyCollection<string> kept)
    {
        var path = Need.Which("busybox")!;
        using var process = Process.Start(new ProcessStartInfo(path, ["--list"]) { RedirectStandardOutput = true })!;
        var names = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        Assert.Empty(kept.Except(names));
        var bytes = File.ReadAllBytes(path);
        var at = bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(string.Join('\0', names) + "\0"));
        Assert.True(at >= 0, "BusyBox's table of names is not where it is looked for");
        Encoding.ASCII.GetBytes(string.Join('\0', Renamed(names, kept))).CopyTo(bytes, at);
        return bytes;
    }

    private static string[] Renamed(string[] names, IReadOnlyCollection<string> kept)
    {
        var renamed = names.ToArray();
        foreach (var (at, name) in names.Index())
        {
            if (kept.Contains(name)) continue;
            var before = at == 0 ? "" : renamed[at - 1];
            var after = at + 1 == names.Length ? "~" : names[at + 1];
            renamed[at] = Neighbours(name).FirstOrDefault(other =>
                string.CompareOrdinal(before, other) < 0 && string.CompareOrdinal(other, after) < 0 && !names.Contains(other)) ?? name;
        }

        return renamed;
    }

    // Of the same length, the nearest first.
    private static IEnumerable<string> Neighbours(string name) =>
        from last in Enumerable.Range('!', '~' - '!' + 1)
        orderby int.Abs(last - name[^1])
        select name[..^1] + (char)last;
}
