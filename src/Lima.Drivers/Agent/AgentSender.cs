using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Lima.Domain.Agent;

namespace Lima.Drivers.Agent;

/// <summary>
/// Sends frames, one after the other, with their numbers. Streams take turns, one frame each, and take the bytes from their client only
/// when it is their turn, so that one buffer serves all. Who must not wait posts a frame; posted ones go first.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A semaphore without a handle holds nothing, and is waited for after the end.")]
internal sealed class AgentSender(Socket socket)
{
    private const int PostedMax = 8192, DatagramsMax = 256;
    private const int BufferBytes = AgentProtocol.HeaderBytes + AgentProtocol.PayloadMax;

    private readonly SemaphoreSlim _turn = new(1);
    private readonly ConcurrentQueue<byte[]> _posted = new();
    private int _postedCount, _datagrams;
    private uint _sequence;

    /// <summary>Sends what begins a session: padding, sync word, and HELLO.</summary>
    public async Task HelloAsync(AgentHello hello, CancellationToken cancel)
    {
        var bytes = new byte[AgentProtocol.PaddingBytes + AgentProtocol.SyncWord.Length + AgentProtocol.HeaderBytes + AgentHello.BytesMax];
        AgentProtocol.SyncWord.CopyTo(bytes.AsSpan(AgentProtocol.PaddingBytes));
        AgentFrame.Write(bytes.AsSpan(AgentProtocol.PaddingBytes + AgentProtocol.SyncWord.Length), AgentFrameType.Hello, _sequence++, 0, hello);
        await SendAllAsync(bytes, cancel);
    }

    /// <summary>Sends a frame soon; false when so many wait already that the other side cannot be reading.</summary>
    public bool Post<T>(AgentFrameType type, uint stream, in T payload)
        where T : IAgentPayload<T>
    {
        Span<byte> room = stackalloc byte[AgentProtocol.HeaderBytes + T.BytesMax];
        return Post(room[..AgentFrame.Write(room, type, 0, stream, payload)].ToArray());
    }

    /// <summary>The same for a frame without a payload.</summary>
    public bool Post(AgentFrameType type, uint stream)
    {
        var frame = new byte[AgentProtocol.HeaderBytes];
        AgentFrame.Write(frame, type, 0, stream);
        return Post(frame);
    }

    /// <summary>Sends a datagram soon, or never: as networks do where there are too many.</summary>
    public void PostDatagram(uint stream, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > AgentProtocol.PayloadMax || Volatile.Read(ref _datagrams) >= DatagramsMax) return;
        var frame = new byte[AgentProtocol.HeaderBytes + bytes.Length];
        AgentFrame.WriteHeader(frame, AgentFrameType.Datagram, 0, stream, bytes.Length);
        bytes.CopyTo(frame.AsSpan(AgentProtocol.HeaderBytes));
        Interlocked.Increment(ref _datagrams);
        Post(frame);
    }

    /// <summary>When it is its turn, sends what the client has said, at most <paramref name="room"/> bytes; 0 at its end, -1 when it has said nothing.</summary>
    /// <param name="client">A socket that does not block.</param>
    /// <param name="stream">Its stream.</param>
    /// <param name="room">What the guest has room for.</param>
    /// <exception cref="SocketException">One of the two sockets has failed.</exception>
    public async ValueTask<int> SendFromAsync(Socket client, uint stream, int room)
    {
        await _turn.WaitAsync();
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            await SendPostedAsync(buffer);
            // Nobody waits for a client while it has the turn: what the client waits for may have to be sent first.
            var count = client.Receive(buffer.AsSpan(AgentProtocol.HeaderBytes, Math.Min(room, AgentProtocol.PayloadMax)), SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock) return -1;
            if (error != SocketError.Success) throw new SocketException((int)error);
            if (count == 0) return 0;
            AgentFrame.WriteHeader(buffer, AgentFrameType.Data, _sequence++, stream, count);
            await SendAllAsync(buffer.AsMemory(0, AgentProtocol.HeaderBytes + count), CancellationToken.None);
            return count;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            Leave();
        }
    }

    private bool Post(byte[] frame)
    {
        if (Interlocked.Increment(ref _postedCount) > PostedMax) return false;
        _posted.Enqueue(frame);
        _ = FlushAsync();
        return true;
    }

    private void Leave()
    {
        _turn.Release();
        // What was posted meanwhile found the turn taken.
        if (!_posted.IsEmpty) _ = FlushAsync();
    }

    private async Task FlushAsync()
    {
        // Who has the turn sees to what is posted before giving it up.
        if (!await _turn.WaitAsync(0)) return;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            await SendPostedAsync(buffer);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The reader of the same socket learns of it too, and ends the session.
            _posted.Clear();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            Leave();
        }
    }

    private async ValueTask SendPostedAsync(byte[] buffer)
    {
        while (Gather(buffer) is var count and > 0) await SendAllAsync(buffer.AsMemory(0, count), CancellationToken.None);
    }

    /// <summary>As many posted frames as fit, with their numbers.</summary>
    private int Gather(byte[] buffer)
    {
        var count = 0;
        while (_posted.TryPeek(out var frame) && count + frame.Length <= BufferBytes)
        {
            _posted.TryDequeue(out _);
            Interlocked.Decrement(ref _postedCount);
            var type = (AgentFrameType)frame[2];
            if (type == AgentFrameType.Datagram) Interlocked.Decrement(ref _datagrams);
            frame.CopyTo(buffer, count);
            AgentFrame.WriteSequence(buffer.AsSpan(count), _sequence++);
            count += frame.Length;
        }

        return count;
    }

    private async ValueTask SendAllAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        while (!bytes.IsEmpty) bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, cancel)..];
    }
}
