using System.Net.Sockets;

namespace Lima.VirtiofsRelay;

/// <summary>
/// Stands between QEMU and the daemon of one device and passes their messages on; the guest's data goes past it, through memory.
/// When the daemon dies, QEMU notices nothing: another one is started and told all that QEMU had said. It knows nothing of what
/// the guest had open, so it answers the guest's open and coming requests with errors, nobody in the guest waits for ever, and the
/// guest can mount the device anew.
/// </summary>
internal sealed class Relay(VhostSocket qemu, IDaemon daemon, TextWriter log) : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20), LongestPause = TimeSpan.FromSeconds(1);

    private const int AnswerLimitMs = 10_000;

    private readonly DeviceSetup _setup = new();
    private VhostSocket? _daemon;
    private VhostMessage? _awaited;
    private TimeSpan _pause = FirstPause;

    /// <summary>Relays until QEMU lets go of the device.</summary>
    /// <param name="first">A connection with the daemon.</param>
    public void Run(Socket first)
    {
        _daemon = new VhostSocket(first);
        while (true)
        {
            if (_daemon is null) Reconnect();
            var ready = Ready();
            if (ready.Contains(qemu.Socket))
            {
                if (qemu.Receive() is not { } message) return;
                FromQemu(message);
            }
            else if (_daemon is { } server && ready.Contains(server.Socket))
            {
                FromDaemon(server.Receive());
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _daemon?.Dispose();
        qemu.Dispose();
    }

    /// <summary>Waits until one of them has something to say; without a daemon no longer than the pause.</summary>
    private List<Socket> Ready()
    {
        List<Socket> sockets = [qemu.Socket, .. _daemon is { } server ? (Socket[])[server.Socket] : []];
        Socket.Select(sockets, null, null, _daemon is null ? _pause : Timeout.InfiniteTimeSpan);
        return sockets;
    }

    private void FromQemu(VhostMessage message)
    {
        var isKept = _setup.Note(message);
        var isTold = _daemon?.Send(message) == true;
        if (message.IsAwaited)
        {
            if (isTold) _awaited = message;
            else qemu.Send(_setup.AnswerTo(message));
        }

        if (!isKept) message.Close();
    }

    private void FromDaemon(VhostMessage? answer)
    {
        if (answer is null)
        {
            Lost();
            return;
        }

        _awaited = null;
        qemu.Send(_setup.NoteAnswer(answer));
        answer.Close();
    }

    private void Lost()
    {
        log.WriteLine("lima-virtiofs-relay: the daemon has ended; another is started");
        _daemon?.Dispose();
        _daemon = null;
        daemon.End();
        // QEMU stands still while it waits.
        if (_awaited is { } awaited) qemu.Send(_setup.AnswerTo(awaited));
        _awaited = null;
    }

    private void Reconnect()
    {
        if (daemon.TryConnect() is not { } socket)
        {
            _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
            return;
        }

        _pause = FirstPause;
        var server = new VhostSocket(socket);
        socket.ReceiveTimeout = AnswerLimitMs;
        foreach (var message in _setup.Replay())
        {
            if (server.Send(message) && (!message.IsAwaited || server.Receive() is not null)) continue;
            server.Dispose();
            daemon.End();
            _pause = LongestPause;
            return;
        }

        socket.ReceiveTimeout = 0;
        _daemon = server;
    }
}
