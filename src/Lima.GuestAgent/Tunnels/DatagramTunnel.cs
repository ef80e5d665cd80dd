using System.Net;
using Lima.Domain.Agent;
using Lima.GuestAgent.Agent;
using Lima.GuestAgent.Native;

namespace Lima.GuestAgent.Tunnels;

/// <summary>Datagrams between the host and a UDP port of the guest. What there is no room for is lost, as with any UDP.</summary>
internal sealed class DatagramTunnel : ITunnel, Outbox.ISource
{
    private const int Peek = 0x2;

    private readonly TunnelTable _table;
    private readonly uint _stream;
    private readonly int _socket;
    private bool _isOver;

    private DatagramTunnel(TunnelTable table, uint stream, int socket) => (_table, _stream, _socket) = (table, stream, socket);

    /// <inheritdoc/>
    public bool IsInTurn { get; set; }

    /// <inheritdoc/>
    public int RoomNeeded =>
        _isOver || Descriptors.Receive(_socket, [], Peek | Sockets.Truncated) is not (var length and > 0 and <= Outbox.PieceMax) ? 0 : length;

    /// <summary>To a port of the guest; null when it was refused.</summary>
    public static DatagramTunnel? Open(TunnelTable table, uint stream, AgentOpen open)
    {
        var address = KernelAddress.Of(IPAddress.Parse(open.End.Ip), open.End.Port);
        var socket = Sockets.Make(address[0], Sockets.Datagram);
        var error = socket < 0 ? Libc.Error : KernelAddress.Connect(socket, address);
        if (error != 0)
        {
            if (socket >= 0) _ = Libc.Close(socket);
            table.Refuse(stream, error);
            return null;
        }

        var tunnel = new DatagramTunnel(table, stream, socket);
        table.Outbox.Send(AgentFrameType.Opened, stream, new AgentWindow(0));
        table.Loop.Watch(socket, EventLoop.In, _ => tunnel.Happened());
        return tunnel;
    }

    /// <inheritdoc/>
    public AgentError Take(AgentFrameType type, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case AgentFrameType.Datagram:
                // A full queue of the socket loses it. That nobody listens there (any more) is no end: somebody may again.
                _ = Descriptors.Send(_socket, payload);
                return AgentError.None;
            case AgentFrameType.End or AgentFrameType.Reset when payload.IsEmpty:
                // There is no half of it, so an end is the end of both sides.
                if (type == AgentFrameType.End) _table.Outbox.Send(AgentFrameType.End, _stream);
                Drop();
                _table.Remove(_stream, 0);
                return AgentError.None;
            case AgentFrameType.Window: return AgentError.None;
            default: return AgentError.BadStream;
        }
    }

    /// <inheritdoc/>
    public Piece Take(Span<byte> room, out bool wantsMore)
    {
        wantsMore = false;
        if (_isOver) return default;
        var count = Descriptors.Receive(_socket, room, Sockets.Truncated);
        if (count == -Errno.TryAgain) return default;
        // A failure is that of an earlier datagram, and taken off by this.
        wantsMore = true;
        return count >= 0 && count <= room.Length ? new Piece(AgentFrameType.Datagram, _stream, count) : default;
    }

    /// <inheritdoc/>
    public void Drop()
    {
        if (_isOver) return;
        _isOver = true;
        _table.Loop.Forget(_socket);
        _ = Libc.Close(_socket);
    }

    private void Happened()
    {
        _table.Outbox.Await(this);
        _table.Outbox.PumpSoon();
    }
}
