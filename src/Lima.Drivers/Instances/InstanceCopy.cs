using Lima.Drivers.Files;

namespace Lima.Drivers.Instances;

/// <summary>Copies the files of an instance that a copy of it is to have.</summary>
internal static class InstanceCopy
{
    private const long ProgressBytes = 64L << 20;

    // Who it is, what it may, and what is made anew at the first start. Logs tell of another machine's life.
    private static readonly string[] LeftOut =
    [
        "protected", "vm-id", "dns-port", "swtpm", "ssh.config", "known_hosts", "ssh_host_ed25519_key", "ssh_host_ed25519_key.pub", "cidata.iso",
        "progress.log", "qemu.log", "serial.log", "serialp.log", "serialv.log", "ha.stdout.log", "ha.stderr.log",
    ];

    private static readonly string[] TemporarySuffixes = [".pid", ".sock", ".tmp"];

    /// <summary>Copies what is to be copied.</summary>
    /// <param name="from">The instance directory.</param>
    /// <param name="to">An empty directory.</param>
    /// <param name="final">Where <paramref name="to"/> will be in the end; links into the instance are made to lead there.</param>
    /// <param name="progress">Told about large files.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="IOException">Reading or writing failed.</exception>
    public static async Task RunAsync(string from, string to, string final, IProgress<StepProgress> progress, CancellationToken cancel)
    {
        foreach (var entry in new DirectoryInfo(from).EnumerateFileSystemInfos())
        {
            cancel.ThrowIfCancellationRequested();
            if (LeftOut.Contains(entry.Name) || TemporarySuffixes.Any(entry.Name.EndsWith)) continue;
            // So that Lima still sees what kind of instance it is; the number in it belongs to the other.
            if (entry.Name == "vz-identifier") await File.WriteAllBytesAsync(Path.Combine(to, entry.Name), [], cancel);
            else await CopyAsync(entry, new Place(from, to, final), "", progress, cancel);
        }

        DirectorySync.Flush(to);
    }

    private static async Task CopyAsync(FileSystemInfo entry, Place place, string below, IProgress<StepProgress> progress, CancellationToken cancel)
    {
        var target = Path.Combine(place.To, below, entry.Name);
        switch (entry)
        {
            case { LinkTarget: { } link }:
                File.CreateSymbolicLink(target, link.StartsWith(place.From + "/", StringComparison.Ordinal) ? place.Final + link[place.From.Length..] : link);
                break;
            case DirectoryInfo folder:
                Directory.CreateDirectory(target, folder.UnixFileMode);
                foreach (var inner in folder.EnumerateFileSystemInfos().Where(e => !TemporarySuffixes.Any(e.Name.EndsWith)))
                    await CopyAsync(inner, place, Path.Combine(below, entry.Name), progress, cancel);
                DirectorySync.Flush(target);
                break;
            // Opening anything else would fail (a socket) or wait for ever (a pipe).
            case FileInfo file when Images.NativeFiles.IsOrdinary(file.FullName):
                await FileCopy.CopyAsync(file.FullName, target, Report(file, progress), cancel);
                break;
        }
    }

    private static Action<long> Report(FileInfo file, IProgress<StepProgress> progress)
    {
        long told = 0;
        return done =>
        {
            if (done - told < ProgressBytes) return;
            told = done;
            progress.Report(new StepProgress("copying", file.Name, done, file.Length));
        };
    }

    private sealed record Place(string From, string To, string Final);
}
