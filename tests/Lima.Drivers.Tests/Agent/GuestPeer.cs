using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Lima.Domain.Agent;
using Lima.Domain.PortForwarding;

namespace Lima.Drivers.Tests.Agent;

/// <summary>
/// QEMU's end of the port with an agent behind it, in this process. It does what the protocol says, in the plainest way; what is opened
/// "in the guest" are ports and sockets of this machine.
/// </summary>
internal sealed class GuestPeer : IAsyncDisposable
{
    private readonly Socket _server = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;
    private readonly ConcurrentDictionary<uint, Peer> _peers = new();
    private readonly ConcurrentDictionary<uint, TaskCompletionSource<uint>> _answers = new();
    private readonly ConcurrentDictionary<uint, string> _listening = new();
    private readonly Lock _sending = new();

    // Nobody waits while something is sent: there are fewer threads than streams.
    private readonly Channel<(Socket To, byte[] Bytes)> _out = Channel.CreateUnbounded<(Socket To, byte[] Bytes)>();
    private readonly Task _writing;
    private Socket? _client;
    private uint _sequence, _lastOwn = uint.MaxValue;

    public GuestPeer(string path)
    {
        _server.Bind(new UnixDomainSocketEndPoint(path));
        _server.Listen(1);
        _serving = ServeAsync();
        _writing = WriteAsync();
    }

    /// <summary>Answers HELLO; one that does not is no agent.</summary>
    public bool Answers { get; set; } = true;

    /// <summary>Answers PING.</summary>
    public bool IsAlive { get; set; } = true;

    /// <summary>What is granted to each direction.</summary>
    public uint Window { get; set; } = AgentProtocol.WindowMax;

    public ushort Version { get; set; } = AgentProtocol.Version;

    /// <summary>How wrong the guest's clock is.</summary>
    public long Offset { get; set; }

    /// <summary>Every frame that came, by its type.</summary>
    public ConcurrentQueue<AgentFrameType> Came { get; } = new();

    public int Sessions;

    /// <summary>Streams that are there.</summary>
    public int Streams => _peers.Count;

    public void Send<T>(AgentFrameType type, uint stream, T payload)
        where T : IAgentPayload<T>
    {
        var room = new byte[AgentProtocol.HeaderBytes + T.BytesMax];
        SendRaw(room.AsMemory(0, AgentFrame.Write(room, type, 0, stream, payload)));
    }

    public void Send(AgentFrameType type, uint stream, ReadOnlySpan<byte> payload = default)
    {
        var frame = new byte[AgentProtocol.HeaderBytes + payload.Length];
        AgentFrame.WriteHeader(frame, type, 0, stream, payload.Length);
        payload.CopyTo(frame.AsSpan(AgentProtocol.HeaderBytes));
        SendRaw(frame);
    }

    /// <summary>Sends bytes as they are.</summary>
    public void SendBytes(ReadOnlySpan<byte> bytes)
    {
        lock (_sending)
            if (_client is { } client) _out.Writer.TryWrite((client, bytes.ToArray()));
    }

    /// <summary>Waits until all is sent, or the session has ended.</summary>
    public async Task SentAsync()
    {
        while (_out.Reader.Count > 0) await Task.Delay(1);
    }

    /// <summary>Sends a header with no payload behind it.</summary>
    public void SendHeader(AgentFrameType type, uint stream, uint length)
    {
        var header = new byte[AgentProtocol.HeaderBytes];
        AgentFrame.WriteHeader(header, type, 0, stream, 0);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(12), length);
        SendRaw(header);
    }

    /// <summary>Leaves out a number.</summary>
    public void Skip()
    {
        lock (_sending) _sequence++;
    }

    /// <summary>Cuts the connection, as the end of QEMU does.</summary>
    public void Cut() => _client?.Dispose();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _server.Dispose();
        Cut();
        _out.Writer.TryComplete();
        await Task.WhenAll(_serving, _writing);
        foreach (var peer in _peers.Values) peer.Socket.Dispose();
    }

    private void SendRaw(Memory<byte> frame)
    {
        lock (_sending)
        {
            AgentFrame.WriteSequence(frame.Span, _sequence++);
            SendBytes(frame.Span);
        }
    }

    private async Task WriteAsync()
    {
        await foreach (var (to, bytes) in _out.Reader.ReadAllAsync())
        {
            try
            {
                for (var sent = 0; sent < bytes.Length;) sent += await to.SendAsync(bytes.AsMemory(sent));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The host has ended the session.
            }
        }
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _server.AcceptAsync(_stop.Token);
                _client = client;
                await ReadAsync(client);
                foreach (var peer in _peers.Values) peer.Socket.Dispose();
                _peers.Clear();
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task ReadAsync(Socket client)
    {
        var parser = new AgentParser(AgentSide.Host);
        var buffer = new byte[65536];
        try
        {
            for (int count; (count = await client.ReceiveAsync(buffer)) > 0;) Take(parser, buffer.AsSpan(0, count));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Cut.
        }
    }

    private void Take(AgentParser parser, ReadOnlySpan<byte> bytes)
    {
        while (parser.Next(ref bytes, out var frame) is var step and not AgentStep.NeedsMore)
        {
            if (step != AgentStep.Frame) continue;
            Came.Enqueue(frame.Type);
            Take(frame);
        }
    }

    private void Take(in AgentFrame frame)
    {
        var stream = frame.Stream;
        switch (frame.Type)
        {
            case AgentFrameType.Hello when Answers && AgentHello.TryRead(frame.Payload, out var hello):
                _sequence = 0;
                Sessions++;
                SendBytes(AgentProtocol.SyncWord);
                Send(AgentFrameType.Welcome, 0, new AgentWelcome(Version, hello.Nonce, 1, "test", 0));
                break;
            case AgentFrameType.Ping when IsAlive:
                Send(AgentFrameType.Pong, 0, frame.Payload);
                break;
            case AgentFrameType.Time:
                Send(AgentFrameType.Timed, 0, new AgentTimed(Offset, Offset != 0));
                Offset = 0;
                break;
            case AgentFrameType.Status:
                Send(AgentFrameType.StatusIs, 0, new AgentStatus(150, 1000, 500, 7));
                break;
            case AgentFrameType.Open when AgentOpen.TryRead(frame.Payload, out var open):
                Open(stream, open);
                break;
            case AgentFrameType.Listen when AgentListen.TryRead(frame.Payload, out var listen):
                _listening[stream] = listen.Path;
                _ = AcceptAsync(stream, listen.Path);
                break;
            case AgentFrameType.Opened when AgentWindow.TryRead(frame.Payload, out var window):
                if (_answers.TryRemove(stream, out var answer)) answer.TrySetResult(window.Bytes);
                break;
            case AgentFrameType.Reset when _answers.TryRemove(stream, out var refused):
                refused.TrySetCanceled();
                break;
            default:
                if (_peers.TryGetValue(stream, out var peer)) peer.Take(frame.Type, frame.Payload);
                break;
        }
    }

    private void Open(uint stream, AgentOpen open)
    {
        var socket = open.Kind switch
        {
            AgentOpenKind.Unix => new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified),
            AgentOpenKind.Udp => new Socket(IPAddress.Parse(open.End.Ip).AddressFamily, SocketType.Dgram, ProtocolType.Udp),
            _ => new Socket(IPAddress.Parse(open.End.Ip).AddressFamily, SocketType.Stream, ProtocolType.Tcp),
        };
        try
        {
            socket.Connect(open.Kind == AgentOpenKind.Unix ? new UnixDomainSocketEndPoint(open.End.Socket) : new IPEndPoint(IPAddress.Parse(open.End.Ip), open.End.Port));
        }
        catch (SocketException e)
        {
            socket.Dispose();
            Send(AgentFrameType.Refused, stream, new AgentRefusal(111, e.Message));
            return;
        }

        var peer = new Peer(this, stream, socket, open.Window, Window, open.Kind == AgentOpenKind.Udp);
        _peers[stream] = peer;
        Send(AgentFrameType.Opened, stream, new AgentWindow(Window));
        peer.Begin();
    }

    private async Task AcceptAsync(uint listener, string path)
    {
        using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            server.Bind(new UnixDomainSocketEndPoint(path));
            server.Listen(128);
        }
        catch (SocketException e)
        {
            Send(AgentFrameType.Refused, listener, new AgentRefusal(98, e.Message));
            return;
        }

        Send(AgentFrameType.Listening, listener);
        while (!_stop.IsCancellationRequested)
        {
            var socket = await server.AcceptAsync(_stop.Token);
            var stream = Interlocked.Add(ref _lastOwn, 2);
            var answer = _answers[stream] = new TaskCompletionSource<uint>(TaskCreationOptions.RunContinuationsAsynchronously);
            var peer = _peers[stream] = new Peer(this, stream, socket, 0, Window, isUdp: false);
            Send(AgentFrameType.Accepted, stream, new AgentAccepted(listener, Window));
            _ = answer.Task.ContinueWith(
                task =>
                {
                    if (task.IsCanceled) socket.Dispose();
                    else peer.Begin(task.Result);
                },
                TaskScheduler.Default);
        }
    }

    /// <summary>One stream of the guest.</summary>
    private sealed class Peer(GuestPeer owner, uint stream, Socket socket, uint maySend, uint window, bool isUdp)
    {
        private readonly Channel<byte[]?> _in = Channel.CreateUnbounded<byte[]?>();
        private readonly SemaphoreSlim _more = new(0);
        private long _maySend = maySend;
        private long _mayCome = window;
        private int _ends;

        public Socket Socket => socket;

        public void Begin(uint more = 0)
        {
            Interlocked.Add(ref _maySend, more);
            _ = Task.Run(isUdp ? DatagramsAsync : OutAsync);
            if (!isUdp) _ = Task.Run(InAsync);
        }

        public void Take(AgentFrameType type, ReadOnlySpan<byte> payload)
        {
            switch (type)
            {
                case AgentFrameType.Data:
                    if (Interlocked.Add(ref _mayCome, -payload.Length) < 0) throw new InvalidOperationException("the host sent more than it was granted");
                    _in.Writer.TryWrite(payload.ToArray());
                    break;
                case AgentFrameType.Datagram:
                    socket.Send(payload);
                    break;
                case AgentFrameType.Window when AgentWindow.TryRead(payload, out var more):
                    Interlocked.Add(ref _maySend, more.Bytes);
                    _more.Release();
                    break;
                case AgentFrameType.End:
                    _in.Writer.TryWrite(null);
                    break;
                case AgentFrameType.Reset:
                    socket.LingerState = new LingerOption(true, 0);
                    Over();
                    break;
            }
        }

        private async Task InAsync()
        {
            try
            {
                await foreach (var bytes in _in.Reader.ReadAllAsync())
                {
                    if (bytes is null)
                    {
                        socket.Shutdown(SocketShutdown.Send);
                        if (Interlocked.Increment(ref _ends) == 2) Over();
                        return;
                    }

                    for (var sent = 0; sent < bytes.Length;) sent += await socket.SendAsync(bytes.AsMemory(sent));
                    Interlocked.Add(ref _mayCome, bytes.Length);
                    owner.Send(AgentFrameType.Window, stream, new AgentWindow((uint)bytes.Length));
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                Fail();
            }
        }

        private async Task OutAsync()
        {
            var buffer = new byte[AgentProtocol.PayloadMax];
            try
            {
                while (true)
                {
                    while (Interlocked.Read(ref _maySend) == 0) await _more.WaitAsync();
                    var count = await socket.ReceiveAsync(buffer.AsMemory(0, (int)Math.Min(Interlocked.Read(ref _maySend), buffer.Length)));
                    if (count == 0) break;
                    Interlocked.Add(ref _maySend, -count);
                    owner.Send(AgentFrameType.Data, stream, buffer.AsSpan(0, count));
                }

                owner.Send(AgentFrameType.End, stream);
                if (Interlocked.Increment(ref _ends) == 2) Over();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                Fail();
            }
        }

        private async Task DatagramsAsync()
        {
            var buffer = new byte[65536];
            try
            {
                while (true) owner.Send(AgentFrameType.Datagram, stream, buffer.AsSpan(0, await socket.ReceiveAsync(buffer)));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                Fail();
            }
        }

        private void Fail()
        {
            if (owner._peers.ContainsKey(stream)) owner.Send(AgentFrameType.Reset, stream);
            Over();
        }

        private void Over()
        {
            owner._peers.TryRemove(stream, out _);
            socket.Dispose();
        }
    }
}
