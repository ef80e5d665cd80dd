using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Lima.EndToEnd.Tests.Support;

/// <summary>A process as /proc shows it.</summary>
internal sealed record Seen(int Pid, IReadOnlyList<string> Arguments);

/// <summary>What runs on this machine, and signals to it.</summary>
internal static partial class Processes
{
    public const int SigKill = 9;
    public const int SigStop = 19;
    public const int SigCont = 18;

    /// <summary>QEMUs whose arguments name a file below <paramref name="home"/>.</summary>
    public static IReadOnlyList<Seen> QemusOf(string home) => All()
        .Where(seen => Path.GetFileName(seen.Arguments[0]).StartsWith("qemu-system-", StringComparison.Ordinal))
        .Where(seen => seen.Arguments.Any(argument => argument.Contains(home + "/", StringComparison.Ordinal)))
        .ToList();

    /// <summary>QEMUs of that uuid, whatever home they belong to.</summary>
    public static IReadOnlyList<Seen> QemusWithUuid(string uuid) => All()
        .Where(seen => seen.Arguments.Contains("-uuid") && seen.Arguments.Contains(uuid))
        .ToList();

    /// <summary>Hosts that serve <paramref name="home"/>, by their environment.</summary>
    public static IReadOnlyList<Seen> HostsOf(string home) => All()
        .Where(seen => seen.Arguments[0].EndsWith("/lima-host", StringComparison.Ordinal) && Reads($"/proc/{seen.Pid}/environ").Contains($"LIMA_HOME={home}"))
        .ToList();

    /// <summary>Everything whose arguments or environment name the home: for cleaning up.</summary>
    public static IReadOnlyList<Seen> Of(string home) => All()
        .Where(seen => seen.Pid != Environment.ProcessId)
        .Where(seen => seen.Arguments.Any(argument => argument.Contains(home + "/", StringComparison.Ordinal))
            || Reads($"/proc/{seen.Pid}/environ").Contains($"LIMA_HOME={home}"))
        .ToList();

    /// <summary>Whether a process runs; a zombie does not.</summary>
    public static bool IsAlive(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Sends a signal; a process that is gone is no error.</summary>
    public static void Signal(int pid, int signal) => _ = Kill(pid, signal);

    /// <summary>Waits until a process is gone; false after the limit.</summary>
    public static async Task<bool> IsGoneAsync(int pid, TimeSpan limit)
    {
        for (var began = Stopwatch.StartNew(); IsAlive(pid);)
        {
            if (began.Elapsed > limit) return false;
            await Task.Delay(50);
        }

        return true;
    }

    private static IEnumerable<Seen> All() => Directory.EnumerateDirectories("/proc")
        .Select(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0)
        .Where(pid => pid > 0 && IsAlive(pid))
        .Select(pid => new Seen(pid, Reads($"/proc/{pid}/cmdline")))
        .Where(seen => seen.Arguments.Count > 0);

    private static string[] Reads(string path)
    {
        try
        {
            return File.ReadAllText(path).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
