using System.Net.Sockets;
using System.Text;
using Lima.Drivers.Instances;
using Lima.Host.Journal;
using Lima.Host.Options;

namespace Lima.Host;

/// <summary>
/// One host for each home: a lock that the kernel holds for the living process and drops with it, so it cannot go stale.
/// </summary>
internal sealed class HostLock : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly FileStream _file;
    private readonly string _path;
    private readonly long _inode;

    private HostLock(FileStream file, string path)
    {
        _file = file;
        _path = path;
        _inode = FileIdentity.Inode(path);
    }

    /// <summary>Whether the lock still stands under its name; else a second host could take what seems free.</summary>
    public bool IsInPlace => FileIdentity.Inode(_path) == _inode;

    /// <summary>
    /// Takes the lock, or finds that another host serves this home (null). One that holds the lock and does not answer is
    /// just starting or just ending: which of them shows within the limit.
    /// </summary>
    /// <exception cref="HostOptionsException">Another process holds the lock all the time and does not answer.</exception>
    public static async Task<HostLock?> TakeAsync(LimaHome home, TimeSpan limit)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (TryTake(home.LockFile) is { } taken) return taken;
            if (await AnswersAsync(home.ApiSocket)) return null;
            if (TimeProvider.System.GetElapsedTime(begun) > limit)
            {
                throw new HostOptionsException(
                    $"process {Holder(home.LockFile)} holds {home.LockFile} and does not answer; end that process, then try again");
            }

            await Task.Delay(Pause);
        }
    }

    /// <summary>The lock, or null when another process has it.</summary>
    /// <exception cref="HostOptionsException">The file cannot be made or written.</exception>
    public static HostLock? TryTake(string path)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = Private, BufferSize = 0,
            });
        }
        catch (IOException e) when (e.HResult == WouldBlock)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostOptionsException($"the lock {path} cannot be taken: {e.Message}");
        }

        try
        {
            File.SetUnixFileMode(file.SafeFileHandle, Private);
            file.SetLength(0);
            file.Write(Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n"));
            return new HostLock(file, path);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    // What the system says of a lock that another has; .NET passes its number on.
    private static int WouldBlock => OperatingSystem.IsMacOS() ? 35 : 11;

    private static async Task<bool> AnswersAsync(string socketPath)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Who wrote the file; its lock is only advisory, so it can be read, though not by .NET's own sharing rules.</summary>
    private static string Holder(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(file, Encoding.ASCII);
            return reader.ReadLine() ?? "?";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "?";
        }
    }
}
