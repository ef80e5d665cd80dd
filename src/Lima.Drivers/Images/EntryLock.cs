using System.Runtime.InteropServices;

namespace Lima.Drivers.Images;

/// <summary>
/// The kernel's lock on an entry's directory, as Lima takes it: one holder among all threads and processes, let go by
/// the kernel when a process dies.
/// </summary>
internal sealed class EntryLock : IDisposable
{
    private static readonly TimeSpan s_firstPoll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_longestPoll = TimeSpan.FromMilliseconds(250);
    private int _descriptor;

    private EntryLock(int descriptor) => _descriptor = descriptor;

    /// <summary>
    /// Waits for the lock of a directory, which is created when it is not there. <paramref name="waiting"/> is called at each
    /// look while another holds it.
    /// </summary>
    /// <exception cref="DriverException">It was not to be had within <paramref name="limit"/>.</exception>
    internal static async Task<EntryLock> AcquireAsync(
        string directory, TimeSpan limit, TimeProvider time, Action waiting, CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        for (var poll = s_firstPoll; ;)
        {
            cancel.ThrowIfCancellationRequested();
            CreatePrivate(directory);
            if (TryAcquire(directory) is { } held) return held;
            if (time.GetElapsedTime(started) > limit) throw ImageErrors.Busy(directory);
            waiting();
            await Task.Delay(poll, time, cancel);
            poll = poll * 2 < s_longestPoll ? poll * 2 : s_longestPoll;
        }
    }

    /// <summary>The lock of a directory, or null when another holds it or the directory is not there.</summary>
    internal static EntryLock? TryAcquire(string directory)
    {
        var descriptor = NativeFiles.OpenForLock(directory);
        if (descriptor < 0)
        {
            // One that is not there can be made; one that may not be entered would be waited for in vain.
            var error = Marshal.GetLastPInvokeError();
            return error == NativeFiles.NotThere
                ? null
                : throw new IOException($"{directory}: {Marshal.GetPInvokeErrorMessage(error)}", error);
        }

        if (Lock(descriptor) && IsStillThere(descriptor, directory)) return new EntryLock(descriptor);
        _ = NativeFiles.Close(descriptor);
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        var descriptor = Interlocked.Exchange(ref _descriptor, -1);
        if (descriptor < 0) return;
        // Said explicitly: a child being forked at this moment still has a copy of the descriptor.
        _ = NativeFiles.Lock(descriptor, NativeFiles.Unlock);
        _ = NativeFiles.Close(descriptor);
    }

    /// <summary>Makes a directory that only its owner can enter; no change when it is there.</summary>
    internal static void CreatePrivate(string directory)
    {
        if (OperatingSystem.IsWindows()) throw new PlatformNotSupportedException();
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static bool Lock(int descriptor)
    {
        while (NativeFiles.Lock(descriptor, NativeFiles.LockExclusive | NativeFiles.LockNonBlocking) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error == NativeFiles.WouldBlock) return false;
            if (error != NativeFiles.Interrupted) throw new IOException($"flock: {Marshal.GetPInvokeErrorMessage(error)}", error);
        }

        return true;
    }

    /// <summary>An entry that was removed while we waited leaves us with the lock of a directory that nobody will find.</summary>
    private static bool IsStillThere(int descriptor, string directory) =>
        NativeFiles.Identify(descriptor) is { } ours && NativeFiles.Identify(directory) is { } there && ours.IsSameFile(there);
}
