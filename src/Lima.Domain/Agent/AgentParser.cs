using System.Buffers;
using System.Buffers.Binary;

namespace Lima.Domain.Agent;

/// <summary>What the parser has to say.</summary>
public enum AgentStep
{
    /// <summary>All is used up; more is needed.</summary>
    NeedsMore,
    /// <summary>The sync word has come: a session begins.</summary>
    Synced,
    /// <summary>A frame has come.</summary>
    Frame,
    /// <summary>What came is not the protocol; see <see cref="AgentParser.Error"/>. From here on the sync word is searched for.</summary>
    Failed,
}

/// <summary>
/// Finds frames in the bytes of one direction, however they are cut. Outside a session it skips everything up to the sync word.
/// It holds no more than one frame, and nothing between frames.
/// </summary>
/// <param name="sender">Who sends these bytes.</param>
public sealed class AgentParser(AgentSide sender)
{
    private readonly byte[] _header = new byte[AgentProtocol.HeaderBytes];
    private byte[]? _payload, _spent;
    private int _headerCount, _payloadCount, _payloadLength, _matched;
    private uint _sequence;

    /// <summary>Whether the sync word has come and nothing has failed since.</summary>
    public bool IsSynced { get; private set; }

    /// <summary>Why the last step failed.</summary>
    public AgentError Error { get; private set; }

    /// <summary>Ends the session on this side: searches for the next sync word.</summary>
    public void Desync()
    {
        IsSynced = false;
        (_headerCount, _payloadCount, _matched) = (0, 0, 0);
        (_spent, _payload) = (_payload ?? _spent, null);
    }

    /// <summary>
    /// Takes bytes from the front of <paramref name="input"/> up to the next thing that is to be said. Call it until it says
    /// <see cref="AgentStep.NeedsMore"/>. The frame is valid until the next call, and as long as the input is.
    /// </summary>
    public AgentStep Next(ref ReadOnlySpan<byte> input, out AgentFrame frame)
    {
        frame = default;
        if (_spent is { } spent) ArrayPool<byte>.Shared.Return(spent);
        _spent = null;
        if (!IsSynced) return Search(ref input);
        if (_headerCount < AgentProtocol.HeaderBytes)
        {
            if (!FillHeader(ref input)) return AgentStep.NeedsMore;
            if (CheckHeader() is var error and not AgentError.None) return Fail(error);
        }

        if (_payloadCount == 0 && input.Length >= _payloadLength) return Deliver(Take(ref input, _payloadLength), out frame);
        if (input.IsEmpty) return AgentStep.NeedsMore;
        _payload ??= ArrayPool<byte>.Shared.Rent(_payloadLength);
        var some = Take(ref input, Math.Min(_payloadLength - _payloadCount, input.Length));
        some.CopyTo(_payload.AsSpan(_payloadCount));
        _payloadCount += some.Length;
        return _payloadCount < _payloadLength ? AgentStep.NeedsMore : Deliver(_payload.AsSpan(0, _payloadLength), out frame);
    }

    private AgentStep Deliver(ReadOnlySpan<byte> payload, out AgentFrame frame)
    {
        frame = new AgentFrame((AgentFrameType)_header[2], BinaryPrimitives.ReadUInt32LittleEndian(_header.AsSpan(8)), payload);
        (_headerCount, _payloadCount) = (0, 0);
        (_spent, _payload) = (_payload, null);
        _sequence++;
        return AgentStep.Frame;
    }

    private bool FillHeader(ref ReadOnlySpan<byte> input)
    {
        var some = Take(ref input, Math.Min(AgentProtocol.HeaderBytes - _headerCount, input.Length));
        some.CopyTo(_header.AsSpan(_headerCount));
        _headerCount += some.Length;
        return _headerCount == AgentProtocol.HeaderBytes;
    }

    private AgentError CheckHeader()
    {
        if (BinaryPrimitives.ReadUInt16LittleEndian(_header) != AgentProtocol.Magic) return AgentError.BadMagic;
        if (!sender.MaySend((AgentFrameType)_header[2])) return AgentError.BadType;
        if (_header[3] != 0) return AgentError.BadFlags;
        if (BinaryPrimitives.ReadUInt32LittleEndian(_header.AsSpan(4)) != _sequence) return AgentError.BadSequence;
        var stream = BinaryPrimitives.ReadUInt32LittleEndian(_header.AsSpan(8));
        if (((AgentFrameType)_header[2]).IsOfStream() != (stream != 0)) return AgentError.BadStream;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(_header.AsSpan(12));
        if (length > AgentProtocol.PayloadMax) return AgentError.TooLong;
        _payloadLength = (int)length;
        return AgentError.None;
    }

    /// <summary>What was taken for a header may be, or hold the beginning of, the next sync word.</summary>
    private AgentStep Fail(AgentError error)
    {
        Desync();
        Error = error;
        ReadOnlySpan<byte> taken = _header;
        if (Search(ref taken) != AgentStep.Synced) return AgentStep.Failed;
        // All 16 bytes are the word. It is said next, without a byte.
        IsSynced = false;
        _matched = AgentProtocol.SyncWord.Length;
        return AgentStep.Failed;
    }

    private AgentStep Search(ref ReadOnlySpan<byte> input)
    {
        var word = AgentProtocol.SyncWord;
        while (_matched < word.Length)
        {
            if (_matched == 0)
            {
                var begin = input.IndexOf(word[0]);
                input = begin < 0 ? default : input[begin..];
            }

            if (input.IsEmpty) return AgentStep.NeedsMore;
            // No byte of the word occurs twice, so a word that breaks off can only begin anew at this byte.
            _matched = input[0] == word[_matched] ? _matched + 1 : input[0] == word[0] ? 1 : 0;
            input = input[1..];
        }

        Desync();
        IsSynced = true;
        _sequence = 0;
        return AgentStep.Synced;
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> input, int count)
    {
        var taken = input[..count];
        input = input[count..];
        return taken;
    }
}
