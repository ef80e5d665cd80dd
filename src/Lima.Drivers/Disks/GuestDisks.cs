using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using Lima.Domain.Specs;
using Lima.Drivers.CloudInit;
using Lima.Drivers.Mounts;
using Lima.Drivers.Ssh;

namespace Lima.Drivers.Disks;

/// <summary>
/// What happens to disks inside a guest: the product's own boot script for them, sent over the session, so that it is of this
/// version whatever the seed of a running guest holds. Nothing of the guest's answers is trusted.
/// </summary>
/// <param name="guestDirectory">The installed folder of the guest's scripts.</param>
public sealed partial class GuestDisks(string guestDirectory)
{
    private const int OutputMax = 64 * 1024;

    // Making a large file system takes its time under plain emulation.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    /// <summary>Makes the guest use a disk, or follow one that has grown.</summary>
    /// <param name="session">Session with the guest.</param>
    /// <param name="disk">What the configuration says of it.</param>
    /// <param name="device">Its device: <c>vdb</c>, or <c>wwid:</c> and its World Wide Name.</param>
    /// <param name="cancel">Gives up waiting.</param>
    /// <exception cref="DriverException">It cannot (<c>disk-change-failed</c>), or the session broke.</exception>
    public Task UseAsync(ISshSession session, DiskSpec disk, string device, CancellationToken cancel) => RunAsync(
        session, ["disk", disk.Name, device, disk.Format ? "true" : "false", disk.FsType, string.Join(' ', disk.FsArgs)], cancel);

    /// <summary>Makes the guest stop using a disk.</summary>
    /// <exception cref="DriverException">It is in use there (<c>disk-change-failed</c>), or the session broke.</exception>
    public Task ReleaseAsync(ISshSession session, string disk, string device, CancellationToken cancel) =>
        RunAsync(session, ["release", disk, device], cancel);

    /// <summary>Makes the root file system follow its disk.</summary>
    /// <exception cref="DriverException">It cannot (<c>disk-change-failed</c>), or the session broke.</exception>
    public Task GrowRootAsync(ISshSession session, CancellationToken cancel) => RunAsync(session, ["root"], cancel);

    /// <summary>Has the guest give back what its file systems do not use.</summary>
    /// <returns>Bytes, as the guest says; null when it cannot, or not in time.</returns>
    public async Task<long?> TrimAsync(ISshSession session, TimeSpan limit, CancellationToken cancel)
    {
        try
        {
            var result = await session.ExecAsync(Command(["trim"]), limit, OutputMax, cancel);
            return result.ExitCode == 0 ? Trimmed(result.Output) : null;
        }
        catch (DriverException)
        {
            return null;
        }
    }

    /// <summary>The sum of what <c>fstrim -v</c> says, of util-linux or of BusyBox.</summary>
    internal static long Trimmed(string output) => Bytes().Matches(output)
        .Select(match => long.TryParse(match.Groups[1].ValueSpan, out var bytes) ? bytes : 0)
        .Where(bytes => bytes < long.MaxValue / 1024)
        .Take(100).Sum();

    private async Task RunAsync(ISshSession session, ImmutableArray<string> words, CancellationToken cancel)
    {
        var result = await session.ExecAsync(Command(words), Limit, OutputMax, cancel);
        if (result.ExitCode != 0)
            throw new DriverException(Domain.Vms.VmCauses.DiskChangeFailed, "changing the disks in the guest", GuestShell.Reason(result));
    }

    // Through standard input, because there is no way of quoting that all shells which a user may have agree upon.
    private string Command(ImmutableArray<string> words)
    {
        var script = File.ReadAllText(Path.Combine(guestDirectory, "boot.d", "05-lima-disks.sh"));
        return $"echo {Convert.ToBase64String(Encoding.UTF8.GetBytes(script))} | base64 -d | sudo -n /bin/sh -s -- "
            + string.Join(' ', words.Select(word => word.Length == 0 ? "''" : ShellText.Quote(word)));
    }

    [GeneratedRegex(@"(\d{1,19}) bytes", RegexOptions.CultureInvariant)]
    private static partial Regex Bytes();
}
