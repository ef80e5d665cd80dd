using Lima.Domain.Agent;
using Lima.GuestAgent.Native;

namespace Lima.GuestAgent.Agent;

/// <summary>
/// The one writer of the port. Answers go first, then lists of which only the newest counts, then one piece of each stream in turn. Bytes of
/// streams are taken from their sockets only when there is room for them, so that nothing piles up here.
/// </summary>
internal sealed class Outbox(EventLoop loop, AgentPort port)
{
    /// <summary>Largest piece of a stream: with its header as much as the kernel takes for the port at once.</summary>
    public const int PieceMax = BufferBytes - AgentProtocol.HeaderBytes;

    private const int BufferBytes = 32 * 1024, RoomMin = 2048, WritesPerTurn = 16;
    // The host is not read any further while so much waits for it.
    private const int AnswersMax = 256 * 1024;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly Queue<byte[]> _answers = new();
    private readonly Queue<ISource> _turns = new();
    private readonly Dictionary<AgentFrameType, byte[]> _lists = [];
    private int _start, _end, _answerBytes;
    private uint _sequence;
    private bool _isAsked;

    /// <summary>Something that has bytes for the host.</summary>
    internal interface ISource
    {
        /// <summary>Whether it is among those whose turn comes; the outbox's own mark.</summary>
        bool IsInTurn { get; set; }

        /// <summary>Room that it needs for its next piece.</summary>
        int RoomNeeded { get; }

        /// <summary>Its next piece.</summary>
        /// <param name="room">Where it goes.</param>
        /// <param name="wantsMore">Whether it may have another.</param>
        Piece Take(Span<byte> room, out bool wantsMore);
    }

    /// <summary>Called when the port takes nothing any more, for good.</summary>
    public Action Failed { get; set; } = () => { };

    /// <summary>Called when something has been written.</summary>
    public Action Progressed { get; set; } = () => { };

    /// <summary>Whether so many answers wait that no more questions should be taken.</summary>
    public bool IsFull => _answerBytes > AnswersMax;

    /// <summary>Whether all has been written.</summary>
    public bool IsEmpty => _start == _end && _answers.Count == 0 && _lists.Count == 0 && _turns.Count == 0;

    /// <summary>Forgets all and begins a session with these bytes, which hold the first frame.</summary>
    public void Begin(byte[] first)
    {
        Clear();
        first.CopyTo(_buffer, 0);
        _end = first.Length;
        _sequence = 1;
    }

    /// <summary>Forgets all that was to be said.</summary>
    public void Clear()
    {
        (_start, _end, _answerBytes) = (0, 0, 0);
        _answers.Clear();
        _lists.Clear();
        foreach (var source in _turns) source.IsInTurn = false;
        _turns.Clear();
    }

    /// <summary>Says something.</summary>
    public void Send<T>(AgentFrameType type, uint stream, in T payload)
        where T : IAgentPayload<T> => Enqueue(Frame(type, stream, payload));

    /// <summary>Says something that is all said by its type.</summary>
    public void Send(AgentFrameType type, uint stream)
    {
        var frame = new byte[AgentProtocol.HeaderBytes];
        AgentFrame.Write(frame, type, 0, stream);
        Enqueue(frame);
    }

    /// <summary>Says a list in place of one of its type that has not been said yet.</summary>
    public void SendList(AgentFrameType type, AgentListeners list) => _lists[type] = Frame(type, 0, list);

    /// <summary>A source has something; its turn comes.</summary>
    public void Await(ISource source)
    {
        if (source.IsInTurn) return;
        source.IsInTurn = true;
        _turns.Enqueue(source);
    }

    /// <summary>Writes when the events that are here have been handled.</summary>
    public void PumpSoon()
    {
        if (_isAsked) return;
        _isAsked = true;
        loop.Soon(Pump);
    }

    // As much as the port takes, but others on the loop have their turn now and then.
    private void Pump()
    {
        _isAsked = false;
        for (var writes = 0; writes < WritesPerTurn; writes++)
        {
            if (_start == _end) Fill();
            if (_start == _end) return;
            var count = port.Write(_buffer.AsSpan(_start, _end - _start));
            if (count == -Errno.TryAgain) return;
            if (count < 0)
            {
                Failed();
                return;
            }

            _start += count;
            Progressed();
        }

        PumpSoon();
    }

    private void Fill()
    {
        (_start, _end) = (0, 0);
        while (_answers.TryPeek(out var answer) && Add(answer))
        {
            _answers.Dequeue();
            _answerBytes -= answer.Length;
        }

        if (_answers.Count > 0) return;
        foreach (var (type, list) in _lists)
            if (Add(list)) _lists.Remove(type);
        for (var left = _turns.Count; left > 0 && BufferBytes - _end >= RoomMin; left--) Turn(_turns.Dequeue());
    }

    private void Turn(ISource source)
    {
        source.IsInTurn = false;
        var room = _buffer.AsSpan(_end + AgentProtocol.HeaderBytes);
        if (room.Length < source.RoomNeeded)
        {
            Await(source);
            return;
        }

        var piece = source.Take(room, out var wantsMore);
        if (piece.Type != default)
        {
            AgentFrame.WriteHeader(_buffer.AsSpan(_end), piece.Type, _sequence++, piece.Stream, piece.Length);
            _end += AgentProtocol.HeaderBytes + piece.Length;
        }

        if (wantsMore) Await(source);
    }

    private bool Add(byte[] frame)
    {
        if (BufferBytes - _end < frame.Length) return false;
        frame.CopyTo(_buffer, _end);
        // Numbers are given in the order of writing.
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(_end + 4), _sequence++);
        _end += frame.Length;
        return true;
    }

    private void Enqueue(byte[] frame)
    {
        _answers.Enqueue(frame);
        _answerBytes += frame.Length;
    }

    private static byte[] Frame<T>(AgentFrameType type, uint stream, in T payload)
        where T : IAgentPayload<T>
    {
        var room = new byte[AgentProtocol.HeaderBytes + T.BytesMax];
        return room[..AgentFrame.Write(room, type, 0, stream, payload)];
    }
}
