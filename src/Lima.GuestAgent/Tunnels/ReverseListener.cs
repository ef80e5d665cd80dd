using Lima.Domain.Agent;
using Lima.GuestAgent.Agent;
using Lima.GuestAgent.Native;

namespace Lima.GuestAgent.Tunnels;

/// <summary>A socket file of the guest that leads to the host. It is the guest's user's, made with that user's rights and no more.</summary>
internal sealed unsafe class ReverseListener : ITunnel
{
    private const int Backlog = 128;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly TunnelTable _table;
    private readonly uint _stream;
    private readonly int _socket;
    private readonly string _path;
    private readonly GuestUser _owner;
    private bool _isOver;

    private ReverseListener(TunnelTable table, uint stream, int socket, string path, GuestUser owner) =>
        (_table, _stream, _socket, _path, _owner) = (table, stream, socket, path, owner);

    /// <summary>Listens there; null when that was refused.</summary>
    public static ReverseListener? Open(TunnelTable table, uint stream, string path, GuestUser owner)
    {
        var socket = Sockets.Make(Sockets.Unix, Sockets.Stream);
        var error = socket < 0 ? Libc.Error : SocketFile.Bind(socket, path, owner);
        if (error == 0 && Sockets.Listen(socket, Backlog) < 0) error = Libc.Error;
        if (error != 0)
        {
            if (socket >= 0) _ = Libc.Close(socket);
            table.Refuse(stream, error);
            return null;
        }

        var listener = new ReverseListener(table, stream, socket, path, owner);
        table.Outbox.Send(AgentFrameType.Listening, stream);
        table.Loop.Watch(socket, EventLoop.In, _ => listener.AcceptAll());
        return listener;
    }

    /// <inheritdoc/>
    public AgentError Take(AgentFrameType type, ReadOnlySpan<byte> payload)
    {
        if (type != AgentFrameType.Reset || !payload.IsEmpty) return AgentError.BadStream;
        Drop();
        _table.Remove(_stream, 0);
        return AgentError.None;
    }

    /// <inheritdoc/>
    public void Drop()
    {
        if (_isOver) return;
        _isOver = true;
        _table.Loop.Forget(_socket);
        _ = Libc.Close(_socket);
        SocketFile.Remove(_path, _owner);
    }

    private void AcceptAll()
    {
        while (!_isOver)
        {
            var client = Sockets.Accept(_socket, null, null, Libc.NonBlocking | Libc.CloseOnExec);
            if (client >= 0)
            {
                if (!ByteTunnel.Accept(_table, _stream, client)) _ = Libc.Close(client);
                continue;
            }

            var error = Libc.Error;
            if (error == Errno.TryAgain) break;
            // No descriptor is left: who waits is taken later, as there will be no further event for them.
            if (error is not (Errno.TooManyFiles or Errno.SystemTooManyFiles or Errno.NoBuffers or Errno.OutOfMemory)) continue;
            _table.Loop.After(Pause, AcceptAll);
            break;
        }

        _table.Outbox.PumpSoon();
    }
}
