using System.Net;
using Lima.Domain.Agent;
using Lima.GuestAgent.Agent;
using Lima.GuestAgent.Native;

namespace Lima.GuestAgent.Tunnels;

/// <summary>A stream of bytes between the host and a socket of the guest. Neither side is ever sent more than it has room for.</summary>
internal sealed partial class ByteTunnel : ITunnel, Outbox.ISource
{
    private const uint Events = EventLoop.In | EventLoop.Out | EventLoop.PeerEnded;
    // The kernel itself would go on for two minutes.
    private static readonly TimeSpan OpenLimit = TimeSpan.FromSeconds(20);

    private readonly TunnelTable _table;
    private readonly uint _stream, _window;
    private readonly int _socket;
    private readonly bool _isOwn;
    private readonly ByteQueue _waiting = new();
    private Deadline? _limit;
    private bool _isOpen, _isOver, _hostEnded, _guestEnded, _mayRead, _mayWrite, _nobodyReads;
    // Bytes that the guest may send, that the host may send, and that the host is to be granted anew.
    private long _credit, _granted, _taken;

    private ByteTunnel(TunnelTable table, uint stream, int socket, bool isOwn)
    {
        (_table, _stream, _socket, _isOwn) = (table, stream, socket, isOwn);
        _window = table.TakeWindow();
        _granted = _window;
    }

    /// <inheritdoc/>
    public bool IsInTurn { get; set; }

    /// <inheritdoc/>
    public int RoomNeeded => 0;

    /// <summary>To a port or a socket file of the guest, as the host asks; null when it was refused at once.</summary>
    public static ByteTunnel? Open(TunnelTable table, uint stream, AgentOpen open)
    {
        var address = open.Kind == AgentOpenKind.Unix ? KernelAddress.Of(open.End.Socket) : KernelAddress.Of(IPAddress.Parse(open.End.Ip), open.End.Port);
        var socket = address is null ? -1 : Sockets.Make(address[0], Sockets.Stream);
        var error = address is null ? Errno.NameTooLong : socket < 0 ? Libc.Error : KernelAddress.Connect(socket, address);
        if (error is not (0 or Errno.InProgress))
        {
            if (socket >= 0) _ = Libc.Close(socket);
            table.Refuse(stream, error);
            return null;
        }

        if (open.Kind == AgentOpenKind.Tcp) Sockets.NoDelay(socket);
        var tunnel = new ByteTunnel(table, stream, socket, isOwn: false) { _credit = open.Window };
        if (error == 0) tunnel.Opened();
        else tunnel._limit = table.Loop.After(OpenLimit, () => tunnel.NotOpened(Errno.TimedOut));
        table.Loop.Watch(socket, Events, tunnel.Happened);
        return tunnel;
    }

    /// <summary>From somebody who has connected to a socket that the host asked for; false when there is no room.</summary>
    public static bool Accept(TunnelTable table, uint listener, int socket)
    {
        ByteTunnel? tunnel = null;
        if (!table.AddOwn(number => tunnel = new ByteTunnel(table, number, socket, isOwn: true))) return false;
        var added = tunnel!;
        table.Outbox.Send(AgentFrameType.Accepted, added._stream, new AgentAccepted(listener, added._window));
        added._limit = table.Loop.After(OpenLimit, added.Fail);
        table.Loop.Watch(socket, Events, added.Happened);
        return true;
    }

    /// <inheritdoc/>
    public void Drop()
    {
        if (_isOver) return;
        _isOver = true;
        _limit?.CallOff();
        _table.Loop.Forget(_socket);
        _ = Libc.Close(_socket);
    }

    private void Opened()
    {
        _isOpen = true;
        _table.Outbox.Send(AgentFrameType.Opened, _stream, new AgentWindow(_window));
    }

    private void NotOpened(int error)
    {
        _table.Refuse(_stream, error);
        Remove();
        _table.Outbox.PumpSoon();
    }

    private void Happened(uint events)
    {
        if (_isOver) return;
        if (!_isOpen && !_isOwn)
        {
            _limit?.CallOff();
            if (Sockets.TakeError(_socket) is var error and not 0)
            {
                NotOpened(error);
                return;
            }

            Opened();
        }

        if ((events & ~EventLoop.Out) != 0) _mayRead = true;
        if ((events & ~(EventLoop.In | EventLoop.PeerEnded)) != 0) _mayWrite = true;
        Flush();
        AwaitTurn();
        _table.Outbox.PumpSoon();
    }

    private void AwaitTurn()
    {
        if (!_isOver && _isOpen && _mayRead && !_guestEnded && _credit > 0) _table.Outbox.Await(this);
    }

    /// <summary>The stream has failed, and the host is told.</summary>
    private void Fail()
    {
        if (_isOver) return;
        _table.Outbox.Send(AgentFrameType.Reset, _stream);
        Remove();
        _table.Outbox.PumpSoon();
    }

    private void Remove()
    {
        Drop();
        _table.Remove(_stream, _window);
    }
}
