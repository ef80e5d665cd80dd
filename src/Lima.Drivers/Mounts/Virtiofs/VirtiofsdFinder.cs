using System.Text.Json;
using Lima.Drivers.Processes;

namespace Lima.Drivers.Mounts.Virtiofs;

/// <summary>Looks for <see cref="Virtiofsd"/> where QEMU's packages announce it; looked for once, like QEMU itself.</summary>
/// <param name="home">The user's home.</param>
public sealed class VirtiofsdFinder(string home)
{
    private static readonly TimeSpan HelpLimit = TimeSpan.FromSeconds(10);
    private static readonly string[] Places = ["/usr/libexec/virtiofsd", "/usr/lib/qemu/virtiofsd", "/usr/lib/virtiofsd", "virtiofsd"];
    private readonly Lock _gate = new();
    private Task<Virtiofsd?>? _found;

    /// <summary>The best one; null when there is none.</summary>
    public Task<Virtiofsd?> FindAsync(CancellationToken cancel)
    {
        lock (_gate)
        {
            if (_found is null or { IsFaulted: true } or { IsCanceled: true }) _found = SearchAsync();
            return _found.WaitAsync(cancel);
        }
    }

    private async Task<Virtiofsd?> SearchAsync()
    {
        var all = new List<Virtiofsd>();
        foreach (var program in Announced().Concat(Places).Select(Programs.Find).OfType<string>().Distinct())
            if (await ExamineAsync(program) is { } found) all.Add(found);
        return all.OrderByDescending(found => found.IsRust).FirstOrDefault();
    }

    private static async Task<Virtiofsd?> ExamineAsync(string program)
    {
        try
        {
            var help = await ProcessRunner.TryRunAsync(new ProcessSpec(program, ["--help"]), HelpLimit, CancellationToken.None);
            var text = help.Output + help.Error;
            var isRust = text.Contains("--shared-dir", StringComparison.Ordinal);
            return isRust || text.Contains("source=PATH", StringComparison.Ordinal)
                ? new Virtiofsd(program, isRust, isRust && text.Contains("--readonly", StringComparison.Ordinal))
                : null;
        }
        catch (DriverException)
        {
            return null; // Not to be run here: then it is none.
        }
    }

    private IEnumerable<string> Announced()
    {
        foreach (var directory in (string[])[Path.Combine(home, ".local/share/qemu/vhost-user"), "/usr/local/share/qemu/vhost-user", "/usr/share/qemu/vhost-user"])
        {
            if (!Directory.Exists(directory)) continue;
            foreach (var file in Directory.EnumerateFiles(directory, "*.json").Order(StringComparer.Ordinal))
                if (Binary(file) is { } binary) yield return binary;
        }
    }

    private static string? Binary(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(file));
            var root = document.RootElement;
            return root.GetProperty("type").GetString() == "fs" ? root.GetProperty("binary").GetString() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
