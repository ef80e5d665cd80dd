using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net.Sockets;
using System.Security.Cryptography;
using Lima.Domain.Agent;
using Lima.Domain.PortForwarding;

namespace Lima.Drivers.Agent;

/// <summary>What a session tells of itself.</summary>
/// <param name="Listeners">All that listens in the guest, when it has changed.</param>
internal sealed record AgentEars(Action<ImmutableArray<GuestListener>> Listeners);

/// <summary>
/// One session with the agent of one guest, from HELLO to the first thing that is wrong. What the guest says is not trusted: it can end
/// its own session, and nothing else.
/// </summary>
internal sealed class AgentSession : IDisposable
{
    /// <summary>Streams of one session at once.</summary>
    public const int StreamsMax = 4096;

    private const int BufferBytes = 64 * 1024;
    private const uint LastStream = uint.MaxValue - 2 * StreamsMax;

    private readonly Socket _socket;
    private readonly AgentSender _sender;
    private readonly AgentParser _parser = new(AgentSide.Guest);
    private readonly AgentMemory _memory;
    private readonly AgentEars _ears;
    private readonly AgentQuestions _questions;
    private readonly NewsBudget _budget;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<uint, IAgentStream> _streams = new();
    private readonly TaskCompletionSource<AgentWelcome> _welcomed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly UInt128 _nonce = new(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)), BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)));
    private ImmutableArray<GuestListener> _listeners = [], _services = [];
    private uint _lastOfHost, _lastOfGuest, _lastList;
    private bool _isWelcome, _isLeaving;
    private long _heard;

    private AgentSession(Socket socket, AgentMemory memory, AgentEars ears, TimeProvider time)
    {
        (_socket, _sender, _memory, _ears, _time) = (socket, new AgentSender(socket), memory, ears, time);
        _questions = new AgentQuestions(_sender, time);
        _budget = new NewsBudget(time);
        _heard = time.GetTimestamp();
    }

    /// <summary>Completes when the guest has answered.</summary>
    public Task<AgentWelcome> Welcomed => _welcomed.Task;

    /// <summary>Completes with why, when it has ended.</summary>
    public Task<string> Ended => _ended.Task;

    /// <summary>Whether the guest said that it shuts down.</summary>
    public bool IsLeaving => Volatile.Read(ref _isLeaving);

    /// <summary>What the guest can be asked.</summary>
    public AgentQuestions Questions => _questions;

    /// <summary>How long ago something came.</summary>
    public TimeSpan Silence => _time.GetElapsedTime(Volatile.Read(ref _heard));

    /// <summary>Begins a session over a connection to QEMU's end of the port.</summary>
    /// <param name="socket">The connection; the session's from here on.</param>
    /// <param name="memory">Where windows come from.</param>
    /// <param name="ears">Who is told.</param>
    /// <param name="time">For time and limits.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<AgentSession> BeginAsync(Socket socket, AgentMemory memory, AgentEars ears, TimeProvider time, CancellationToken cancel)
    {
        var session = new AgentSession(socket, memory, ears, time);
        try
        {
            await session._sender.HelloAsync(new AgentHello(AgentProtocol.Version, session._nonce, AgentQuestions.UnixNanoseconds(time.GetUtcNow())), cancel);
        }
        catch
        {
            session.End("");
            throw;
        }

        _ = session.ReadAsync();
        return session;
    }

    /// <summary>Has the guest tell its listeners.</summary>
    public void Watch() => _sender.Post(AgentFrameType.Watch, 0, new AgentWatch(true));

    /// <summary>Posts a frame of a stream.</summary>
    public void Post<T>(AgentFrameType type, uint stream, in T payload)
        where T : IAgentPayload<T>
    {
        if (!_sender.Post(type, stream, payload)) End("the guest's agent does not read what it is sent");
    }

    /// <summary>Posts a frame without a payload.</summary>
    public void Post(AgentFrameType type, uint stream)
    {
        if (!_sender.Post(type, stream)) End("the guest's agent does not read what it is sent");
    }

    /// <summary>Posts a datagram, or drops it.</summary>
    public void PostDatagram(uint stream, ReadOnlySpan<byte> bytes) => _sender.PostDatagram(stream, bytes);

    /// <summary>Sends what a client has said.</summary>
    public ValueTask<int> SendFromAsync(Socket client, uint stream, int room) => _sender.SendFromAsync(client, stream, room);

    /// <summary>Where windows come from.</summary>
    public AgentMemory Memory => _memory;

    /// <summary>A stream for a client, which is not opened yet; null when there are too many.</summary>
    public AgentStream? AddStream(Socket client) => Add(id => new AgentStream(this, id, client));

    /// <summary>Makes a stream under a number that was never used; null when there are too many, or the session has ended.</summary>
    public T? Add<T>(Func<uint, T> make)
        where T : class, IAgentStream
    {
        if (_streams.Count >= StreamsMax || _ended.Task.IsCompleted) return null;
        var id = Interlocked.Add(ref _lastOfHost, 2);
        if (id > LastStream)
        {
            End("all numbers of streams are used up");
            return null;
        }

        var stream = make(id);
        _streams[id] = stream;
        // Ended meanwhile: nobody would tell this one.
        if (_ended.Task.IsCompleted) stream.Lost();
        return stream;
    }

    /// <summary>Takes note of the end of a stream.</summary>
    public void Forget(uint stream) => _streams.TryRemove(stream, out _);

    /// <summary>Ends the session and all that goes through it.</summary>
    public void End(string why)
    {
        if (!_ended.TrySetResult(why)) return;
        _socket.Dispose();
        _welcomed.TrySetCanceled();
        _questions.Lost();
        foreach (var stream in _streams.Values) stream.Lost();
    }

    /// <inheritdoc/>
    public void Dispose() => End("");

    private async Task ReadAsync()
    {
        try
        {
            while (await ReadSomeAsync())
            {
                // Until the end.
            }

            End("QEMU has closed the connection to the guest's agent");
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            End($"the connection to the guest's agent failed: {e.Message}");
        }
    }

    /// <summary>Waits for bytes and takes all there are; false at the end. While nothing comes no buffer is held.</summary>
    private async ValueTask<bool> ReadSomeAsync()
    {
        await _socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            do
            {
                var count = await _socket.ReceiveAsync(buffer.AsMemory(0, BufferBytes), SocketFlags.None);
                if (count == 0) return false;
                Volatile.Write(ref _heard, _time.GetTimestamp());
                if (Take(buffer.AsSpan(0, count)) is not { Length: > 0 } wrong) continue;
                End(wrong);
                return true;
            }
            while (_socket.Available > 0);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Takes bytes; says what is wrong with them, if anything.</summary>
    private string Take(ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            var step = _parser.Next(ref bytes, out var frame);
            if (step == AgentStep.NeedsMore) return "";
            if (!_isWelcome)
            {
                if (step == AgentStep.Frame && !TakeWelcome(frame)) _parser.Desync();
                continue;
            }

            var error = step == AgentStep.Frame ? Take(frame) : _parser.Error;
            if (IsLeaving) return "the guest shuts down";
            if (step == AgentStep.Failed && error == AgentError.BadMagic) return "the guest's agent has begun anew, or does not speak the protocol";
            if (error != AgentError.None) return $"the guest's agent broke the protocol ({error} in {(step == AgentStep.Frame ? frame.Type : "a header")})";
        }
    }

    /// <summary>Old frames and old answers are not ours.</summary>
    private bool TakeWelcome(in AgentFrame frame)
    {
        if (frame.Type != AgentFrameType.Welcome || !AgentWelcome.TryRead(frame.Payload, out var welcome) || welcome.Nonce != _nonce) return false;
        _isWelcome = true;
        _welcomed.TrySetResult(welcome);
        return true;
    }

    private AgentError Take(in AgentFrame frame) => frame.Type switch
    {
        AgentFrameType.Ping or AgentFrameType.Leaving or AgentFrameType.Listeners or AgentFrameType.Services when !_budget.Spend() => AgentError.TooMuch,
        AgentFrameType.Ping => AgentNumber.TryRead(frame.Payload, out var number) ? Answer(number) : AgentError.BadPayload,
        AgentFrameType.Pong or AgentFrameType.Timed or AgentFrameType.StatusIs => _questions.Take(frame.Type, frame.Payload),
        AgentFrameType.Listeners or AgentFrameType.Services => AgentListeners.TryRead(frame.Payload, out var list) ? TakeList(frame.Type, list) : AgentError.BadPayload,
        AgentFrameType.Leaving => Leave(),
        AgentFrameType.Accepted => AgentAccepted.TryRead(frame.Payload, out var accepted) ? Accept(frame.Stream, accepted) : AgentError.BadPayload,
        _ when !frame.Type.IsOfStream() => AgentError.BadType,
        _ when _streams.TryGetValue(frame.Stream, out var stream) => stream.Take(frame.Type, frame.Payload),
        // It may have crossed with our own last word.
        _ => WasUsed(frame.Stream) ? AgentError.None : AgentError.BadStream,
    };

    private bool WasUsed(uint stream) => stream <= ((stream & 1) == 0 ? Volatile.Read(ref _lastOfHost) : _lastOfGuest);

    private AgentError Answer(AgentNumber number)
    {
        Post(AgentFrameType.Pong, 0, number);
        return AgentError.None;
    }

    private AgentError Leave()
    {
        Volatile.Write(ref _isLeaving, true);
        return AgentError.None;
    }

    private AgentError TakeList(AgentFrameType type, AgentListeners list)
    {
        if (type == AgentFrameType.Listeners && _lastList != 0 && list.Number <= _lastList) return AgentError.BadPayload;
        if (type == AgentFrameType.Listeners) (_lastList, _listeners) = (list.Number, list.All);
        else _services = list.All;
        _ears.Listeners(_services.IsEmpty ? _listeners : [.. _listeners.Concat(_services).Distinct()]);
        return AgentError.None;
    }

    private AgentError Accept(uint id, AgentAccepted accepted)
    {
        if ((id & 1) == 0 || id <= _lastOfGuest || !WasUsed(accepted.Listener)) return AgentError.BadStream;
        _lastOfGuest = id;
        if (_streams.Count >= StreamsMax || !_streams.TryGetValue(accepted.Listener, out var listening))
        {
            Post(AgentFrameType.Reset, id);
            return AgentError.None;
        }

        if (listening is not AgentReverse.Listener listener) return AgentError.BadStream;
        var host = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var stream = new AgentStream(this, id, host);
        _streams[id] = stream;
        _ = listener.ConnectAsync(stream, host, accepted.Window);
        return AgentError.None;
    }
}
