namespace Lima.Domain.Names;

/// <summary>A question, as far as answering it needs.</summary>
/// <param name="Id">Number by which the asker knows the reply.</param>
/// <param name="Flags">Flags of the header.</param>
/// <param name="Name">The name as it was written, without the last dot; null when it has bytes that no name of ours has.</param>
/// <param name="Type">Type of the wanted records.</param>
/// <param name="Class">Class of them.</param>
/// <param name="QuestionEnd">Where the question ends in the message.</param>
/// <param name="ReplyMax">Largest reply over UDP that the asker can take, in bytes; null when he does not say (then 512).</param>
public sealed record DnsQuery(ushort Id, ushort Flags, string? Name, ushort Type, ushort Class, int QuestionEnd, int? ReplyMax)
{
    // More would only be there to make work.
    private const int RecordsMax = 16;
    private const int Smallest = 512;

    // Larger datagrams would be cut up on the way, and one lost piece loses all.
    private const int Largest = 1232;

    /// <summary>How many bytes a reply over UDP may have.</summary>
    public int UdpMax => Math.Clamp(ReplyMax ?? Smallest, Smallest, Largest);

    /// <summary>Reads a message.</summary>
    /// <param name="message">What came.</param>
    /// <param name="query">The question; null when there is none.</param>
    /// <returns>What is wrong: <see cref="DnsCode.NoError"/> when nothing is, null when it is not to be answered at all.</returns>
    public static DnsCode? Read(ReadOnlySpan<byte> message, out DnsQuery? query)
    {
        query = null;
        if (message.Length < DnsWire.HeaderBytes) return null;
        var flags = DnsWire.Word(message, 2);
        if ((flags & DnsWire.Reply) != 0) return null;
        if ((flags & DnsWire.OpcodeMask) != 0) return DnsCode.NotImp;
        var at = DnsWire.HeaderBytes;
        if (DnsWire.Word(message, 4) != 1 || !DnsWire.ReadName(message, ref at, out var name) || at + 4 > message.Length) return DnsCode.FormErr;
        var (type, @class) = (DnsWire.Word(message, at), DnsWire.Word(message, at + 2));
        var end = at + 4;
        if (!ReadReplyMax(message, end, out var replyMax)) return DnsCode.FormErr;
        query = new DnsQuery(DnsWire.Word(message, 0), flags, name, type, @class, end, replyMax);
        return DnsCode.NoError;
    }

    /// <summary>The OPT record, wherever it stands behind the question.</summary>
    private static bool ReadReplyMax(ReadOnlySpan<byte> message, int at, out int? replyMax)
    {
        replyMax = null;
        var records = DnsWire.Word(message, 6) + DnsWire.Word(message, 8) + DnsWire.Word(message, 10);
        if (records > RecordsMax) return false;
        for (; records > 0; records--)
        {
            if (!DnsWire.SkipRecord(message, ref at, out var type, out var size)) return false;
            if (type == DnsType.Opt) replyMax = size;
        }

        return true;
    }
}
