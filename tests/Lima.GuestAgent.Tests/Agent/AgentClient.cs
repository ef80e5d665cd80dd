using System.Buffers.Binary;
using System.Net.Sockets;
using Lima.Domain.Agent;

namespace Lima.GuestAgent.Tests.Agent;

/// <summary>A frame that has come, kept.</summary>
internal sealed record Frame(AgentFrameType Type, uint Stream, byte[] Payload)
{
    public T As<T>()
        where T : IAgentPayload<T>
    {
        Assert.True(T.TryRead(Payload, out var payload), $"{Type} has a payload that is none");
        return payload;
    }
}

/// <summary>A host of few words, which says just what a test wants it to, right or wrong.</summary>
internal sealed class AgentClient : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly AgentParser _parser = new(AgentSide.Guest);
    private readonly byte[] _buffer = new byte[64 * 1024];
    private ReadOnlyMemory<byte> _rest;
    private uint _stream;

    private AgentClient(string path)
    {
        var deadline = Environment.TickCount64 + (long)Limit.TotalMilliseconds;
        while (true)
        {
            try
            {
                _socket.Connect(new UnixDomainSocketEndPoint(path));
                break;
            }
            catch (SocketException) when (Environment.TickCount64 < deadline)
            {
                Thread.Sleep(10);
            }
        }

        _socket.ReceiveTimeout = (int)Limit.TotalMilliseconds;
        _socket.SendTimeout = (int)Limit.TotalMilliseconds;
    }

    /// <summary>Number of the next frame.</summary>
    public uint Sequence { get; set; }

    /// <summary>What the agent has said of itself.</summary>
    public AgentWelcome Welcomed { get; private set; }

    /// <summary>Connects and says nothing.</summary>
    public static AgentClient Connect(string path) => new(path);

    /// <summary>Connects and begins a session.</summary>
    public static AgentClient Begin(string path)
    {
        var client = new AgentClient(path);
        client.Handshake();
        return client;
    }

    /// <summary>Begins a session, the first or another.</summary>
    public void Handshake(ushort version = AgentProtocol.Version)
    {
        SendRaw(new byte[AgentProtocol.PaddingBytes]);
        SendRaw(AgentProtocol.SyncWord.ToArray());
        (Sequence, _stream) = (0, 0);
        var nonce = (UInt128)Random.Shared.NextInt64();
        Send(AgentFrameType.Hello, 0, new AgentHello(version, nonce, 0));
        while (true)
        {
            if (Next() is { Type: AgentFrameType.Welcome } frame && frame.As<AgentWelcome>() is var welcome && welcome.Nonce == nonce)
            {
                Welcomed = welcome;
                return;
            }
        }
    }

    /// <summary>The next number for a stream of the host's.</summary>
    public uint NewStream() => _stream += 2;

    public void Send<T>(AgentFrameType type, uint stream, in T payload)
        where T : IAgentPayload<T>
    {
        var room = new byte[AgentProtocol.HeaderBytes + T.BytesMax];
        SendRaw(room.AsSpan(0, AgentFrame.Write(room, type, Sequence++, stream, payload)));
    }

    public void Send(AgentFrameType type, uint stream, params ReadOnlySpan<byte> payload)
    {
        var frame = new byte[AgentProtocol.HeaderBytes + payload.Length];
        AgentFrame.WriteHeader(frame, type, Sequence++, stream, payload.Length);
        payload.CopyTo(frame.AsSpan(AgentProtocol.HeaderBytes));
        SendRaw(frame);
    }

    public void SendRaw(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[_socket.Send(bytes)..];
    }

    /// <summary>The next frame, of any kind; skips what is between sessions.</summary>
    public Frame Next()
    {
        while (true)
        {
            var span = _rest.Span;
            var before = span.Length;
            var step = _parser.Next(ref span, out var frame);
            var kept = step == AgentStep.Frame ? new Frame(frame.Type, frame.Stream, frame.Payload.ToArray()) : null;
            _rest = _rest[(before - span.Length)..];
            if (kept is not null) return kept;
            if (step == AgentStep.NeedsMore)
            {
                var count = _socket.Receive(_buffer);
                if (count == 0) throw new EndOfStreamException("the agent has gone");
                _rest = _buffer.AsMemory(0, count).ToArray();
            }
        }
    }

    /// <summary>The next frame that is one of the given types; others must not come, but lists of listeners.</summary>
    public Frame Expect(params ReadOnlySpan<AgentFrameType> types)
    {
        while (true)
        {
            var frame = Next();
            if (types.Contains(frame.Type)) return frame;
            Assert.True(frame.Type is AgentFrameType.Listeners or AgentFrameType.Services, $"{frame.Type} of {frame.Stream} came instead of {string.Join(", ", types.ToArray())}");
        }
    }

    /// <summary>Opens a stream; the agent's answer.</summary>
    public Frame Open(AgentOpen open, out uint stream)
    {
        stream = NewStream();
        Send(AgentFrameType.Open, stream, open);
        return Expect(AgentFrameType.Opened, AgentFrameType.Refused);
    }

    /// <summary>Whether the agent answers a question of this session.</summary>
    public void Ping()
    {
        var number = (ulong)Random.Shared.NextInt64();
        Send(AgentFrameType.Ping, 0, new AgentNumber(number));
        Assert.Equal(number, Expect(AgentFrameType.Pong).As<AgentNumber>().Value);
    }

    public static uint SequenceOf(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);

    public void Dispose() => _socket.Dispose();
}
