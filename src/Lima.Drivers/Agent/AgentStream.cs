using System.Net.Sockets;
using Lima.Domain.Agent;
using Lima.Drivers.PortForwarding;

namespace Lima.Drivers.Agent;

/// <summary>
/// A connection of a client that goes on in the guest. Bytes for the client that it does not take at once wait here, at most a window
/// of them; bytes from the client stay with the kernel until the guest has room and it is this stream's turn.
/// </summary>
internal sealed class AgentStream : IAgentStream
{
    // Looked at by many at once, and never read.
    private static readonly Memory<byte> OneByte = new byte[1];

    private readonly AgentSession _session;
    private readonly Socket _client;
    private readonly uint _id, _window;
    private readonly Lock _lock = new();
    private readonly ByteQueue _waiting = new();
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _room;
    private long _maySend, _mayCome;
    private uint _taken;
    private bool _isOpen, _clientEnded, _guestEnded, _isDraining, _isClosed;

    /// <param name="session">Whose stream it is.</param>
    /// <param name="id">Its number.</param>
    /// <param name="client">The connection at this side; the stream's once it is open.</param>
    public AgentStream(AgentSession session, uint id, Socket client)
    {
        (_session, _id, _client) = (session, id, client);
        _mayCome = _window = session.Memory.Take();
        // A reader that asked for a failure may have gone.
        _ = _opened.Task.ContinueWith(t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    public uint Id => _id;

    /// <summary>Bytes that the guest may send at first.</summary>
    public uint Window => _window;

    /// <summary>Whether both ends were there.</summary>
    public bool IsOpen => Volatile.Read(ref _isOpen);

    /// <summary>Completes when the guest has the other end; fails when it has none.</summary>
    public Task Opened => _opened.Task;

    /// <summary>Completes when both directions have ended, or the stream has failed.</summary>
    public Task Done => _done.Task;

    /// <inheritdoc/>
    public AgentError Take(AgentFrameType type, ReadOnlySpan<byte> payload) => type switch
    {
        AgentFrameType.Opened => AgentWindow.TryRead(payload, out var window) ? OnOpened(window.Bytes) : AgentError.BadPayload,
        AgentFrameType.Refused => AgentRefusal.TryRead(payload, out var refusal) ? OnRefused(refusal) : AgentError.BadPayload,
        AgentFrameType.Data => OnData(payload),
        AgentFrameType.Window => AgentWindow.TryRead(payload, out var window) ? OnWindow(window.Bytes) : AgentError.BadPayload,
        AgentFrameType.End => OnEnd(),
        AgentFrameType.Reset => OnReset(),
        _ => AgentError.BadStream,
    };

    /// <inheritdoc/>
    public void Lost() => Fail(new DriverException(IGuestPath.Down, "reaching the guest by its agent", "the guest's agent is gone", "it is tried again by itself"));

    /// <summary>Both ends are there: passes on what each says.</summary>
    /// <param name="maySend">What the guest has room for.</param>
    /// <param name="answer">Whether it waits for word of ours.</param>
    public void Open(uint maySend, bool answer = false)
    {
        lock (_lock)
        {
            if (_isClosed) return;
            _maySend = maySend;
            _isOpen = true;
            _client.Blocking = false;
        }

        if (answer) _session.Post(AgentFrameType.Opened, _id, new AgentWindow(_window));
        _opened.TrySetResult();
        _ = PumpAsync();
    }

    /// <summary>Ends it as a failure does.</summary>
    public void Abort()
    {
        if (!Close(graceful: false)) return;
        _session.Post(AgentFrameType.Reset, _id);
        _opened.TrySetCanceled();
    }

    private AgentError OnOpened(uint window)
    {
        if (_isOpen) return AgentError.BadStream;
        Open(window);
        return AgentError.None;
    }

    private AgentError OnRefused(AgentRefusal refusal)
    {
        if (_isOpen) return AgentError.BadStream;
        Fail(new DriverException("forward-refused", "reaching the guest by its agent", $"the guest refuses: {refusal.Text}"));
        return AgentError.None;
    }

    private AgentError OnReset()
    {
        Fail(new DriverException("forward-refused", "reaching the guest by its agent", "the guest has ended the connection"));
        return AgentError.None;
    }

    private AgentError OnWindow(uint bytes)
    {
        lock (_lock)
        {
            _maySend += bytes;
            if (_maySend > uint.MaxValue) return AgentError.BeyondWindow;
            _room?.TrySetResult();
            _room = null;
        }

        return AgentError.None;
    }

    private AgentError OnData(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            if (_isClosed) return AgentError.None;
            if (!_isOpen || _guestEnded || bytes.IsEmpty) return AgentError.BadStream;
            if (bytes.Length > _mayCome) return AgentError.BeyondWindow;
            _mayCome -= bytes.Length;
            var sent = _isDraining ? 0 : SendNow(bytes);
            Taken(sent);
            if (sent == bytes.Length) return AgentError.None;
            _waiting.Append(bytes[sent..]);
            if (_isDraining) return AgentError.None;
            _isDraining = true;
        }

        _ = DrainAsync();
        return AgentError.None;
    }

    private AgentError OnEnd()
    {
        lock (_lock)
        {
            if (_guestEnded) return AgentError.BadStream;
            _guestEnded = true;
            if (_isClosed || _isDraining || !_isOpen) return AgentError.None;
            ShutDown();
        }

        CloseIfEnded();
        return AgentError.None;
    }

    private int SendNow(ReadOnlySpan<byte> bytes)
    {
        var sent = _client.Send(bytes, SocketFlags.None, out var error);
        // A failure is met again, and dealt with, by whoever sends the rest.
        return error == SocketError.Success ? sent : 0;
    }

    /// <summary>The client has taken bytes: grants the guest as many more, not too often.</summary>
    private void Taken(int count)
    {
        _taken += (uint)count;
        if (_taken < _window / 2 || _guestEnded) return;
        _mayCome += _taken;
        _session.Post(AgentFrameType.Window, _id, new AgentWindow(_taken));
        _taken = 0;
    }

    /// <summary>Sends the client what waits for it.</summary>
    private async Task DrainAsync()
    {
        try
        {
            while (Next() is { IsEmpty: false } bytes)
            {
                var sent = await _client.SendAsync(bytes, SocketFlags.None);
                lock (_lock)
                {
                    _waiting.Advance(sent);
                    Taken(sent);
                }
            }

            CloseIfEnded();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            lock (_lock) _waiting.Clear();
            Abort();
        }
    }

    private ReadOnlyMemory<byte> Next()
    {
        lock (_lock)
        {
            if (_isClosed) _waiting.Clear();
            if (!_waiting.IsEmpty) return _waiting.First;
            _isDraining = false;
            if (_guestEnded && !_isClosed) ShutDown();
            return default;
        }
    }

    private void ShutDown()
    {
        try
        {
            _client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The client has gone; whoever reads from it learns of it.
        }
    }

    /// <summary>Sends the guest what the client says.</summary>
    private async Task PumpAsync()
    {
        try
        {
            if (_guestEnded) OnEarlyEnd();
            do
            {
                // What has come is looked at and stays with the kernel: it is taken when it is this stream's turn, and not waited for then.
                await _client.ReceiveAsync(OneByte, SocketFlags.Peek);
            }
            while (await SendAsync(await RoomAsync()) != 0);
            lock (_lock) _clientEnded = true;
            _session.Post(AgentFrameType.End, _id);
            CloseIfEnded();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            Abort();
        }
    }

    private async ValueTask<int> SendAsync(int room)
    {
        var sent = await _session.SendFromAsync(_client, _id, room);
        lock (_lock) _maySend -= Math.Max(0, sent);
        return sent;
    }

    private void OnEarlyEnd()
    {
        lock (_lock) ShutDown();
    }

    /// <summary>How much the guest has room for, once that is anything.</summary>
    private async ValueTask<int> RoomAsync()
    {
        while (true)
        {
            Task more;
            lock (_lock)
            {
                if (_isClosed) throw new OperationCanceledException();
                if (_maySend > 0) return (int)Math.Min(_maySend, AgentProtocol.PayloadMax);
                more = (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await more;
        }
    }

    private void CloseIfEnded()
    {
        lock (_lock)
            if (!_clientEnded || !_guestEnded || _isDraining) return;
        Close(graceful: true);
    }

    private void Fail(DriverException why)
    {
        Close(graceful: false);
        _opened.TrySetException(why);
    }

    /// <summary>Forgets the stream; false when that was done already. A client whose connection never was there stays as it is.</summary>
    private bool Close(bool graceful)
    {
        lock (_lock)
        {
            if (_isClosed) return false;
            _isClosed = true;
            if (!_isDraining) _waiting.Clear();
            _room?.TrySetResult();
            _room = null;
        }

        _session.Forget(_id);
        _session.Memory.Return(_window);
        if (_isOpen && graceful) _client.Dispose();
        else if (_isOpen) Splice.Abort(_client);
        _done.TrySetResult();
        return true;
    }
}
