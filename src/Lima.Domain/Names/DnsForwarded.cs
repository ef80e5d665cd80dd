using System.Buffers.Binary;

namespace Lima.Domain.Names;

/// <summary>Replies of other servers.</summary>
public static class DnsForwarded
{
    /// <summary>Whether a message is the reply to a question: same number, same question.</summary>
    /// <param name="reply">What came.</param>
    /// <param name="question">The message with the question, as it was sent.</param>
    /// <param name="questionEnd">Where the question ends in it.</param>
    public static bool IsReplyTo(ReadOnlySpan<byte> reply, ReadOnlySpan<byte> question, int questionEnd) =>
        reply.Length >= DnsWire.HeaderBytes && reply[..2].SequenceEqual(question[..2]) && (DnsWire.Word(reply, 2) & DnsWire.Reply) != 0 &&
        (HasNoQuestion(reply) || (reply.Length >= questionEnd && DnsWire.Word(reply, 4) == 1 && SameQuestion(reply, question, questionEnd)));

    /// <summary>Whether it says that there is more than fitted.</summary>
    public static bool IsTruncated(ReadOnlySpan<byte> reply) => (DnsWire.Word(reply, 2) & DnsWire.Truncated) != 0;

    /// <summary>Whether the server could not or would not answer, so that another may be asked.</summary>
    public static bool IsFailure(ReadOnlySpan<byte> reply) =>
        (DnsCode)(DnsWire.Word(reply, 2) & 0xF) is DnsCode.ServFail or DnsCode.NotImp or DnsCode.Refused or DnsCode.FormErr;

    /// <summary>
    /// Makes a reply fit by leaving out whole records at its end; those that stay are of use to askers that know no TCP.
    /// A reply that cannot be read is left out as a whole.
    /// </summary>
    /// <param name="reply">The reply; its header is changed.</param>
    /// <param name="bytesMax">Most bytes.</param>
    /// <returns>How many bytes are left.</returns>
    public static int Truncate(Span<byte> reply, int bytesMax)
    {
        if (reply.Length <= bytesMax) return reply.Length;
        var at = DnsWire.HeaderBytes;
        for (int questions = DnsWire.Word(reply, 4); questions > 0; questions--)
        {
            if (!DnsWire.SkipName(reply, ref at) || at + 4 > bytesMax) return Cut(reply, DnsWire.HeaderBytes, questions: 0, answers: 0);
            at += 4;
        }

        var (kept, end) = (0, at);
        for (int answers = DnsWire.Word(reply, 6); kept < answers; kept++)
        {
            if (!DnsWire.SkipRecord(reply, ref at, out _, out _) || at > bytesMax) break;
            end = at;
        }

        return Cut(reply, end, DnsWire.Word(reply, 4), kept);
    }

    private static int Cut(Span<byte> reply, int end, ushort questions, int answers)
    {
        BinaryPrimitives.WriteUInt16BigEndian(reply[2..], (ushort)(DnsWire.Word(reply, 2) | DnsWire.Truncated));
        BinaryPrimitives.WriteUInt16BigEndian(reply[4..], questions);
        BinaryPrimitives.WriteUInt16BigEndian(reply[6..], (ushort)answers);
        reply[8..12].Clear();
        return end;
    }

    // Some servers leave the question out of replies that are errors.
    private static bool HasNoQuestion(ReadOnlySpan<byte> reply) => DnsWire.Word(reply, 4) == 0 && IsFailure(reply);

    private static bool SameQuestion(ReadOnlySpan<byte> reply, ReadOnlySpan<byte> question, int end)
    {
        for (var at = DnsWire.HeaderBytes; at < end; at++)
            if (Lower(reply[at]) != Lower(question[at])) return false;
        return true;
    }

    private static byte Lower(byte letter) => letter is >= (byte)'A' and <= (byte)'Z' ? (byte)(letter | 0x20) : letter;
}
