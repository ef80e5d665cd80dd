using System.Runtime.CompilerServices;
using System.Text;
using Lima.Drivers.Instances;
using Lima.Drivers.Qemu;

namespace Lima.Drivers.Progress;

/// <summary>Reads what the guest reports while it boots.</summary>
public interface IGuestProgress
{
    /// <summary>Everything since the launch, then what comes, until cancelled.</summary>
    IAsyncEnumerable<GuestReport> FollowAsync(InstanceDirectory directory, CancellationToken cancel);
}

/// <summary>
/// Follows the log that QEMU keeps of the progress port. The log has all of this boot from its first byte, so a reader
/// that comes late (an adopting host) misses nothing, and nobody has to hold the port's socket open.
/// </summary>
public sealed class GuestProgressLog(TimeProvider time) : IGuestProgress
{
    // Only while a guest boots. Each step on the way to its readiness waits for the next look.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <inheritdoc/>
    public async IAsyncEnumerable<GuestReport> FollowAsync(InstanceDirectory directory, [EnumeratorCancellation] CancellationToken cancel)
    {
        var buffer = new byte[16 * 1024];
        var characters = new char[buffer.Length + 1];
        // Keeps the beginning of a character that is cut in two by the end of what was there to read.
        var decoder = Encoding.UTF8.GetDecoder();
        var line = new StringBuilder();
        using var file = await OpenAsync(directory.ProgressLog, cancel);
        // No boot says so much: a guest has gone wild, and what it said first is not there any more.
        if (file.Length > GuestLogs.BytesMax) file.Position = file.Length - GuestLogs.BytesKept;
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            var count = await file.ReadAsync(buffer, cancel);
            if (count == 0)
            {
                await Task.Delay(Interval, time, cancel);
                // A new QEMU begins the log anew.
                if (file.Length >= file.Position) continue;
                file.Position = 0;
                line.Clear();
                decoder.Reset();
                continue;
            }

            var read = decoder.GetChars(buffer, 0, count, characters, 0);
            for (var i = 0; i < read; i++)
            {
                if (characters[i] != '\n')
                {
                    if (line.Length <= GuestReport.LineMax) line.Append(characters[i]);
                    continue;
                }

                if (GuestReport.Parse(line.ToString()) is { } report) yield return report;
                line.Clear();
            }
        }
    }

    private async Task<FileStream> OpenAsync(string path, CancellationToken cancel)
    {
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            try
            {
                return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, useAsync: true);
            }
            catch (FileNotFoundException)
            {
                await Task.Delay(Interval, time, cancel);
            }
        }
    }
}
