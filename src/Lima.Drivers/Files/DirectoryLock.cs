using System.Diagnostics;

namespace Lima.Drivers.Files;

/// <summary>
/// A kernel lock on a directory (<c>flock</c>): among all processes and all tasks of this one, one holder at a time. It
/// ends with its holder, however that ends, and leaves no file behind.
/// </summary>
public sealed class DirectoryLock : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly DirectoryHandle _handle;

    private DirectoryLock(DirectoryHandle handle) => _handle = handle;

    /// <summary>Waits for the lock.</summary>
    /// <param name="directory">A directory that exists.</param>
    /// <param name="limit">The longest wait.</param>
    /// <param name="cancel">Gives up earlier.</param>
    /// <exception cref="DriverException">Another process holds it all the time (<c>lock-busy</c>), or it cannot be locked (<c>lock-failed</c>).</exception>
    public static async Task<DirectoryLock> AcquireAsync(string directory, TimeSpan limit, CancellationToken cancel)
    {
        var begun = Stopwatch.GetTimestamp();
        var handle = Opened(directory);
        try
        {
            while (!Locked(handle, directory))
            {
                if (Stopwatch.GetElapsedTime(begun) > limit)
                    throw new DriverException(
                        "lock-busy", "waiting for a lock", $"another process has held the lock on `{directory}` for {limit.TotalSeconds:0} s",
                        $"see who with `fuser -v {directory}`");
                await Task.Delay(Pause, cancel);
            }

            return new DirectoryLock(handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Lets go of it.</summary>
    public void Dispose() => _handle.Dispose();

    private static DirectoryHandle Opened(string directory)
    {
        try
        {
            return DirectoryHandle.Open(directory);
        }
        catch (IOException failure)
        {
            throw Failed(directory, failure);
        }
    }

    private static bool Locked(DirectoryHandle handle, string directory)
    {
        try
        {
            return handle.TryLock();
        }
        catch (IOException failure)
        {
            throw Failed(directory, failure);
        }
    }

    private static DriverException Failed(string directory, IOException failure) => new(
        "lock-failed", "taking a lock", failure.Message, $"check that `{directory}` is on a local file system and accessible", failure);
}
