using System.Net.Sockets;
using Lima.Drivers.Instances;

namespace Lima.Host;

/// <summary>
/// One host for each home: a lock that the kernel holds for the living process and drops with it, so it cannot go stale.
/// </summary>
internal static class HostLock
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// The lock, or null when a host serves already. One that has the lock and does not answer is just beginning or just
    /// ending, and is waited for: whoever started this process wants a host in any case.
    /// </summary>
    public static async Task<FileStream?> TakeAsync(LimaHome home, TimeProvider time)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            if (TryTake(home.LockFile) is { } taken) return taken;
            if (time.GetElapsedTime(began) > Limit || await AnswersAsync(home.ApiSocket)) return null;
            await Task.Delay(Pause, time);
        }
    }

    private static async Task<bool> AnswersAsync(string path)
    {
        if (!File.Exists(path)) return false;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>The lock, or null when another process has it.</summary>
    public static FileStream? TryTake(string path)
    {
        try
        {
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            file.SetLength(0);
            file.Write(System.Text.Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n"));
            file.Flush();
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return file;
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }
}
