using Lima.Domain.Agent;
using Lima.GuestAgent.Agent;
using Lima.GuestAgent.Native;

namespace Lima.GuestAgent.Tunnels;

/// <content>What goes through it, and how it ends.</content>
internal sealed partial class ByteTunnel
{
    private const int ShutWriting = 1;

    /// <inheritdoc/>
    public AgentError Take(AgentFrameType type, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case AgentFrameType.Data: return TakeData(payload);
            case AgentFrameType.Window when AgentWindow.TryRead(payload, out var more):
                _credit = Math.Min(_credit + more.Bytes, uint.MaxValue);
                AwaitTurn();
                return AgentError.None;
            case AgentFrameType.Opened when _isOwn && !_isOpen && AgentWindow.TryRead(payload, out var window):
                _limit?.CallOff();
                (_isOpen, _credit) = (true, window.Bytes);
                AwaitTurn();
                return AgentError.None;
            case AgentFrameType.End when payload.IsEmpty && _isOpen && !_hostEnded:
                _hostEnded = true;
                Flush();
                return AgentError.None;
            case AgentFrameType.Reset when payload.IsEmpty:
                Sockets.ResetOnClose(_socket);
                Remove();
                return AgentError.None;
            case AgentFrameType.Window or AgentFrameType.End or AgentFrameType.Reset: return AgentError.BadPayload;
            default: return AgentError.BadStream;
        }
    }

    /// <inheritdoc/>
    public Piece Take(Span<byte> room, out bool wantsMore)
    {
        wantsMore = false;
        if (_isOver || _guestEnded || _credit <= 0) return default;
        var count = Descriptors.Receive(_socket, room[..(int)Math.Min(room.Length, _credit)]);
        if (count > 0)
        {
            _credit -= count;
            // Only "try again" says that there will be another event.
            wantsMore = _credit > 0;
            return new Piece(AgentFrameType.Data, _stream, count);
        }

        if (count == -Errno.TryAgain)
        {
            _mayRead = false;
            return default;
        }

        _guestEnded = true;
        if (count < 0)
        {
            Remove();
            return new Piece(AgentFrameType.Reset, _stream, 0);
        }

        RemoveWhenDone();
        return new Piece(AgentFrameType.End, _stream, 0);
    }

    private AgentError TakeData(ReadOnlySpan<byte> bytes)
    {
        if (!_isOpen || _hostEnded) return AgentError.BadStream;
        if (bytes.Length > _granted) return AgentError.BeyondWindow;
        _granted -= bytes.Length;
        if (_waiting.Count == 0 && _mayWrite) bytes = bytes[Send(bytes)..];
        _waiting.Add(bytes);
        Grant();
        return AgentError.None;
    }

    /// <summary>Gives the socket what waits for it, and after that the host's end.</summary>
    private void Flush()
    {
        if (_isOver || !_isOpen) return;
        while (_waiting.Count > 0 && _mayWrite) _waiting.Remove(Send(_waiting.First));
        Grant();
        if (!_hostEnded || _waiting.Count > 0) return;
        _ = Sockets.Shutdown(_socket, ShutWriting);
        RemoveWhenDone();
    }

    /// <summary>
    /// As many as the socket takes; all, once nobody reads them any more: what the peer has said before it stopped to listen is still of
    /// worth for the host, and its end comes by reading.
    /// </summary>
    private int Send(ReadOnlySpan<byte> bytes)
    {
        var count = _nobodyReads || bytes.IsEmpty ? bytes.Length : Descriptors.Send(_socket, bytes);
        if (count == -Errno.TryAgain)
        {
            _mayWrite = false;
            return 0;
        }

        if (count < 0) (_nobodyReads, count) = (true, bytes.Length);
        _taken += count;
        return count;
    }

    /// <summary>Half a window at a time, so that the host always has the other half to go on with.</summary>
    private void Grant()
    {
        if (_hostEnded || _taken < _window / 2) return;
        _table.Outbox.Send(AgentFrameType.Window, _stream, new AgentWindow((uint)_taken));
        _granted += _taken;
        _taken = 0;
    }

    private void RemoveWhenDone()
    {
        if (_hostEnded && _guestEnded && _waiting.Count == 0) Remove();
    }
}
