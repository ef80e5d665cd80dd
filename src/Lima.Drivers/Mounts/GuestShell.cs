using System.Collections.Immutable;
using Lima.Domain.Mounts;
using Lima.Drivers.CloudInit;
using Lima.Drivers.Ssh;

namespace Lima.Drivers.Mounts;

/// <summary>What mounts need done inside a guest. Works with BusyBox; nothing of the guest's answers is trusted.</summary>
public static class GuestShell
{
    /// <summary>The longest wait for one command; a guest under plain emulation is slow.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    // A file system whose other side is dead is gone from the table at once, and the command that took it away never ends.
    private const string Unmount = "umount -l \"$1\" >/dev/null 2>&1 </dev/null &";
    private static readonly TimeSpan UnmountLimit = TimeSpan.FromSeconds(10), UnmountPause = TimeSpan.FromMilliseconds(100);

    private const int OutputMax = 256 * 1024;
    private const int ShownMax = 300;

    /// <summary>The guest's mount table.</summary>
    /// <exception cref="DriverException">There is no session any more, or the guest does not answer.</exception>
    public static async Task<ImmutableArray<GuestMount>> TableAsync(ISshSession session, CancellationToken cancel)
    {
        var result = await session.ExecAsync("cat /proc/self/mountinfo", Limit, OutputMax, cancel);
        return result.ExitCode == 0
            ? MountTable.Parse(result.Output)
            : throw MountErrors.Because($"the guest's mount table cannot be read: {Reason(result)}");
    }

    /// <summary>Takes away this mount, even while it is in use: whoever uses it keeps it until they let go.</summary>
    /// <exception cref="DriverException">It is still there.</exception>
    public static async Task UnmountAsync(ISshSession session, GuestMount mount, CancellationToken cancel)
    {
        var result = await RootAsync(session, Unmount, [mount.MountPoint], cancel);
        if (result.ExitCode != 0) throw MountErrors.Because($"`{mount.MountPoint}` cannot be unmounted in the guest: {Reason(result)}");
        var started = TimeProvider.System.GetTimestamp();
        while ((await TableAsync(session, cancel)).Contains(mount, SameMount.Instance))
        {
            if (TimeProvider.System.GetElapsedTime(started) > UnmountLimit) throw MountErrors.Because($"`{mount.MountPoint}` is still mounted in the guest");
            await Task.Delay(UnmountPause, cancel);
        }
    }

    /// <summary>Runs a script as root; its words are <c>$1</c>, <c>$2</c>, ….</summary>
    public static Task<SshResult> RootAsync(ISshSession session, string script, ImmutableArray<string> words, CancellationToken cancel) =>
        session.ExecAsync(AsRoot(script, words), Limit, OutputMax, cancel);

    /// <summary>The command line for that.</summary>
    internal static string AsRoot(string script, ImmutableArray<string> words) =>
        string.Join(' ', ["sudo", "-n", "/bin/sh", "-c", ShellText.Quote(script), "lima", .. words.Select(Quote)]);

    /// <summary>The guest's own words for why, in one line of bounded length without control characters.</summary>
    public static string Reason(SshResult result)
    {
        var said = result.Error.Trim().Length > 0 ? result.Error : result.Output;
        var line = string.Concat(said.Trim().ReplaceLineEndings("; ").Select(c => char.IsControl(c) ? '?' : c));
        var end = result.ExitCode is { } code ? $"exit status {code}" : "ended by a signal";
        return line.Length == 0 ? end : line.Length <= ShownMax ? line : line[..ShownMax] + "…";
    }

    private sealed class SameMount : IEqualityComparer<GuestMount>
    {
        public static readonly SameMount Instance = new();

        public bool Equals(GuestMount? x, GuestMount? y) => x?.MountPoint == y?.MountPoint && x?.Source == y?.Source && x?.FsType == y?.FsType;

        public int GetHashCode(GuestMount mount) => mount.MountPoint.GetHashCode(StringComparison.Ordinal);
    }

    // An empty text would be no word at all.
    private static string Quote(string word) => word.Length == 0 ? "''" : ShellText.Quote(word);
}
