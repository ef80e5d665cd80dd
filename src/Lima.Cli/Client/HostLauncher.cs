using System.Net.Sockets;
using Lima.Cli.Output;

namespace Lima.Cli.Client;

/// <summary>Makes sure that a host answers on the socket, starting one when nobody listens.</summary>
internal sealed class HostLauncher(CliWorld world, CliPaths paths, Log log)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollShortest = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan PollLongest = TimeSpan.FromMilliseconds(50);
    private const int LogLines = 10;

    /// <summary>Longest path that the kernel takes for a Unix socket, in bytes.</summary>
    public static int SocketPathMax => OperatingSystem.IsMacOS() ? 103 : 107;

    /// <summary>Opens a connection; null when nobody listens.</summary>
    /// <exception cref="CliException">The socket's path is too long, or the socket belongs to someone else.</exception>
    public async Task<Socket?> TryConnectAsync(CancellationToken cancel)
    {
        CheckPath();
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(paths.ApiSocket), cancel);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            if (e.SocketErrorCode == SocketError.AccessDenied)
                throw new CliException($"no permission to use `{paths.ApiSocket}`", "it belongs to another user; set LIMA_HOME to a directory of your own");
            return null;
        }
        catch (OperationCanceledException)
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Opens a connection, starting the host first when it does not run.</summary>
    /// <exception cref="CliException">The host cannot be started or does not answer within 30 seconds.</exception>
    public async Task<Socket> ConnectAsync(CancellationToken cancel)
    {
        if (await TryConnectAsync(cancel) is { } open) return open;
        var logStart = LogLength();
        var child = Start();
        log.Debug($"started `{paths.HostBinary}` as process {child}");
        var began = world.Clock.GetTimestamp();
        var wait = PollShortest;
        int? exit = null;
        while (world.Clock.GetElapsedTime(began) < Deadline)
        {
            await Task.Delay(wait, world.Clock, cancel);
            wait = wait * 1.5 < PollLongest ? wait * 1.5 : PollLongest;
            if (await TryConnectAsync(cancel) is { } socket) return socket;

            // Exit 0 means that another host holds the lock and is about to listen.
            exit ??= Posix.Reap(child);
            if (exit is > 0) throw Failed($"the host ended at once with exit status {exit}", logStart);
        }

        throw Failed($"the host did not answer on `{paths.ApiSocket}` within {Deadline.TotalSeconds:0} seconds", logStart);
    }

    private void CheckPath()
    {
        var bytes = System.Text.Encoding.UTF8.GetByteCount(paths.ApiSocket);
        if (bytes <= SocketPathMax) return;
        throw new CliException(
            $"the socket path `{paths.ApiSocket}` is {bytes} bytes long; the system allows {SocketPathMax}",
            "set LIMA_HOME to a shorter path");
    }

    private int Start()
    {
        if (!File.Exists(paths.HostBinary))
        {
            throw new CliException(
                $"the host program `{paths.HostBinary}` does not exist",
                "reinstall, or name it in LIMA_HOST_BINARY");
        }

        try
        {
            PrivateDirectory(paths.Home);
            PrivateDirectory(paths.HostDirectory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"cannot create `{paths.HostDirectory}`: {e.Message}", "make it writable, or set LIMA_HOME to another directory");
        }

        var environment = world.AllEnv().Where(pair => pair.Key != "LIMA_HOME").Select(pair => $"{pair.Key}={pair.Value}");
        return Detached.Start(paths.HostBinary, [paths.HostBinary], [.. environment, $"LIMA_HOME={paths.Home}"], paths.HostLog);
    }

    private static void PrivateDirectory(string path)
    {
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (Directory.Exists(path)) return;
        Directory.CreateDirectory(path, ownerOnly);
    }

    private long LogLength() => File.Exists(paths.HostLog) ? new FileInfo(paths.HostLog).Length : 0;

    private CliException Failed(string message, long logStart)
    {
        var lines = FileTail.Lines(paths.HostLog, LogLines, logStart);
        var said = lines.Count == 0 ? "" : "; it said:\n" + string.Join('\n', lines.Select(line => "  " + line));
        return new CliException(message + said, $"see `{paths.HostLog}`");
    }
}
