using System.Buffers.Binary;

namespace Lima.Domain.Agent;

/// <summary>One frame that has come. It is valid until the parser is asked again.</summary>
public readonly ref struct AgentFrame
{
    internal AgentFrame(AgentFrameType type, uint stream, ReadOnlySpan<byte> payload)
    {
        Type = type;
        Stream = stream;
        Payload = payload;
    }

    /// <summary>What it says.</summary>
    public AgentFrameType Type { get; }

    /// <summary>Which stream it is about; 0 for the session itself.</summary>
    public uint Stream { get; }

    /// <summary>The rest.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>Writes a header; the payload follows it.</summary>
    /// <param name="to">At least <see cref="AgentProtocol.HeaderBytes"/>.</param>
    /// <param name="type">What it says.</param>
    /// <param name="sequence">Number of the frame in this direction of the session, from 0.</param>
    /// <param name="stream">Which stream it is about.</param>
    /// <param name="length">Bytes of the payload.</param>
    public static void WriteHeader(Span<byte> to, AgentFrameType type, uint sequence, uint stream, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)AgentProtocol.PayloadMax);
        BinaryPrimitives.WriteUInt16LittleEndian(to, AgentProtocol.Magic);
        to[2] = (byte)type;
        to[3] = 0;
        BinaryPrimitives.WriteUInt32LittleEndian(to[4..], sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(to[8..], stream);
        BinaryPrimitives.WriteInt32LittleEndian(to[12..], length);
    }

    /// <summary>Gives a frame that was written already its number.</summary>
    public static void WriteSequence(Span<byte> frame, uint sequence) => BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], sequence);

    /// <summary>Writes a whole frame; returns how many bytes it has.</summary>
    /// <param name="to">Room for it: a header and <see cref="IAgentPayload{T}.BytesMax"/> are enough.</param>
    /// <param name="type">What it says.</param>
    /// <param name="sequence">Number of the frame.</param>
    /// <param name="stream">Which stream it is about.</param>
    /// <param name="payload">The rest.</param>
    public static int Write<T>(Span<byte> to, AgentFrameType type, uint sequence, uint stream, in T payload)
        where T : IAgentPayload<T>
    {
        var length = payload.Write(to[AgentProtocol.HeaderBytes..]);
        WriteHeader(to, type, sequence, stream, length);
        return AgentProtocol.HeaderBytes + length;
    }

    /// <summary>Writes a frame without a payload.</summary>
    public static int Write(Span<byte> to, AgentFrameType type, uint sequence, uint stream)
    {
        WriteHeader(to, type, sequence, stream, 0);
        return AgentProtocol.HeaderBytes;
    }
}
