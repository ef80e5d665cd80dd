using System.Diagnostics;
using System.Net.Sockets;

namespace Lima.VirtiofsRelay;

/// <summary>What serves the device.</summary>
internal interface IDaemon : IDisposable
{
    /// <summary>A connection with it; null while it does not listen. It is started when it does not run.</summary>
    Socket? TryConnect();

    /// <summary>Ends what is left of one whose connection is gone.</summary>
    void End();

    /// <summary>Whether it has been started and has ended since.</summary>
    bool HasEnded { get; }
}

/// <summary>virtiofsd, which serves one connection and ends with it.</summary>
/// <param name="socketPath">Where it is told to listen.</param>
/// <param name="command">Program and arguments; the word <see cref="SocketWord"/> stands for the one that names the socket.</param>
internal sealed class Daemon(string socketPath, string[] command) : IDaemon
{
    /// <summary>Stands for <c>--socket-path=PATH</c>, so that nobody takes the relay for the daemon by its arguments.</summary>
    public const string SocketWord = "--socket-path={}";

    private const int EndLimitMs = 2000;
    private Process? _process;

    /// <inheritdoc/>
    public bool HasEnded => _process?.HasExited == true;

    /// <inheritdoc/>
    public Socket? TryConnect()
    {
        if (_process is null || HasEnded) Start();
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(socketPath));
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    /// <inheritdoc/>
    public void End()
    {
        if (_process is not { } process) return;
        process.Kill(entireProcessTree: true);
        process.WaitForExit(EndLimitMs);
        process.Dispose();
        _process = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // It ends by itself when it has lost its connection; one that never had any does not.
        _process?.WaitForExit(EndLimitMs);
        End();
    }

    private void Start()
    {
        End();
        File.Delete(socketPath);
        // It inherits the descriptors of the standard streams, and none of the others.
        var start = new ProcessStartInfo(command[0], command.Skip(1).Select(word => word == SocketWord ? $"--socket-path={socketPath}" : word)) { WorkingDirectory = "/" };
        _process = Process.Start(start);
    }
}
