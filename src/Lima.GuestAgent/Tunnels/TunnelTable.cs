using Lima.Domain.Agent;
using Lima.GuestAgent.Agent;
using Lima.GuestAgent.Native;

namespace Lima.GuestAgent.Tunnels;

/// <summary>The streams of the session, by their numbers. The host's are even and grow, the guest's are odd.</summary>
/// <param name="owner">Whose the sockets are that the host asks for.</param>
internal sealed class TunnelTable(EventLoop loop, Outbox outbox, GuestUser owner)
{
    /// <summary>Most streams at a time.</summary>
    public const int StreamsMax = 4096;

    // Below this sum of all windows a new stream gets a full one; that many bytes may wait here for slow readers.
    private const long WindowSumMax = 32 << 20;
    private const uint SmallWindow = 32 * 1024;

    private readonly Dictionary<uint, ITunnel> _streams = [];
    private long _windowSum;
    private uint _lastOfHost;
    // The first of the guest is 1.
    private long _lastOfGuest = -1;

    /// <summary>The loop that all streams live on.</summary>
    public EventLoop Loop => loop;

    /// <summary>The way to the host.</summary>
    public Outbox Outbox => outbox;

    /// <summary>Streams that are there.</summary>
    public int Count => _streams.Count;

    private bool HasRoom => _streams.Count < StreamsMax;

    /// <summary>Takes a frame about a stream; the reason when it may not come.</summary>
    public AgentError Take(in AgentFrame frame)
    {
        if (frame.Type is AgentFrameType.Open or AgentFrameType.Listen) return Begin(frame);
        if (_streams.TryGetValue(frame.Stream, out var tunnel)) return tunnel.Take(frame.Type, frame.Payload);
        // One that has ended here may still be spoken of; one that never was may not.
        var last = frame.Stream % 2 == 0 ? _lastOfHost : _lastOfGuest;
        return frame.Stream <= last ? AgentError.None : AgentError.BadStream;
    }

    /// <summary>A stream of the guest's own; false when there is no room or no number is left.</summary>
    public bool AddOwn(Func<uint, ITunnel> make)
    {
        if (!HasRoom || _lastOfGuest + 2 > uint.MaxValue) return false;
        _lastOfGuest += 2;
        _streams[(uint)_lastOfGuest] = make((uint)_lastOfGuest);
        return true;
    }

    /// <summary>The window for a new stream; given back by <see cref="Remove"/>.</summary>
    public uint TakeWindow()
    {
        var window = _windowSum < WindowSumMax ? AgentProtocol.WindowMax : SmallWindow;
        _windowSum += window;
        return window;
    }

    /// <summary>A stream is over.</summary>
    public void Remove(uint stream, uint window)
    {
        _streams.Remove(stream);
        _windowSum -= window;
    }

    /// <summary>The session is over, and so are all streams.</summary>
    public void Clear()
    {
        foreach (var tunnel in _streams.Values) tunnel.Drop();
        _streams.Clear();
        (_windowSum, _lastOfHost, _lastOfGuest) = (0, 0, -1);
    }

    /// <summary>Tells the host that there will be no such stream.</summary>
    public void Refuse(uint stream, int error) =>
        outbox.Send(AgentFrameType.Refused, stream, new AgentRefusal((uint)error, Errno.Text(error)));

    private AgentError Begin(in AgentFrame frame)
    {
        var stream = frame.Stream;
        if (stream % 2 != 0 || stream <= _lastOfHost) return AgentError.BadStream;
        _lastOfHost = stream;
        if (frame.Type == AgentFrameType.Listen)
        {
            if (!AgentListen.TryRead(frame.Payload, out var listen)) return AgentError.BadPayload;
            if (HasRoom) Add(stream, ReverseListener.Open(this, stream, listen.Path, owner));
            else Refuse(stream, Errno.TooManyFiles);
            return AgentError.None;
        }

        if (!AgentOpen.TryRead(frame.Payload, out var open)) return AgentError.BadPayload;
        if (!HasRoom) Refuse(stream, Errno.TooManyFiles);
        else if (open.Kind == AgentOpenKind.Udp) Add(stream, DatagramTunnel.Open(this, stream, open));
        else Add(stream, ByteTunnel.Open(this, stream, open));
        return AgentError.None;
    }

    private void Add(uint stream, ITunnel? tunnel)
    {
        if (tunnel is not null) _streams[stream] = tunnel;
    }
}
