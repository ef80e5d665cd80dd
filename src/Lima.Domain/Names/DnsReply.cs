using System.Buffers.Binary;
using System.Net.Sockets;

namespace Lima.Domain.Names;

/// <summary>Writes replies.</summary>
public static class DnsReply
{
    /// <summary>Most bytes of a reply of ours, over TCP too.</summary>
    public const int BytesMax = 4096;

    /// <summary>How long an answer may be kept, in seconds: addresses of the host change.</summary>
    public const int TimeToLive = 5;

    private const ushort QuestionName = 0xC000 | DnsWire.HeaderBytes;
    private const int OptBytes = 11;

    /// <summary>A reply to a question. Records that do not fit are left out, and the reply says so.</summary>
    /// <param name="message">What came.</param>
    /// <param name="query">The question in it.</param>
    /// <param name="code">How the answer turned out.</param>
    /// <param name="records">The answer.</param>
    /// <param name="bytesMax">Most bytes of the reply.</param>
    /// <param name="isOurs">Whether this server is the authority for it.</param>
    public static byte[] Write(
        ReadOnlySpan<byte> message, DnsQuery query, DnsCode code, IReadOnlyCollection<DnsRecord> records, int bytesMax, bool isOurs = false)
    {
        var buffer = new byte[Math.Min(bytesMax, BytesMax)];
        var room = buffer.Length - (query.ReplyMax is null ? 0 : OptBytes);
        var flags = Flags(query.Flags, code) | (isOurs ? DnsWire.Authoritative : 0);
        message[..query.QuestionEnd].CopyTo(buffer);
        var (at, answers) = (query.QuestionEnd, 0);
        foreach (var record in records)
        {
            if (!TryAppend(buffer.AsSpan(0, room), ref at, record))
            {
                flags |= DnsWire.Truncated;
                break;
            }

            answers++;
        }

        if (query.ReplyMax is not null) AppendOpt(buffer, ref at);
        Header(buffer, query.Id, flags, questions: 1, answers, additional: query.ReplyMax is null ? 0 : 1);
        return buffer[..at];
    }

    /// <summary>A reply to what is no question that could be answered.</summary>
    public static byte[] Fault(ReadOnlySpan<byte> message, DnsCode code)
    {
        var reply = new byte[DnsWire.HeaderBytes];
        Header(reply, DnsWire.Word(message, 0), Flags(DnsWire.Word(message, 2), code), questions: 0, answers: 0, additional: 0);
        return reply;
    }

    private static int Flags(ushort asked, DnsCode code) =>
        DnsWire.Reply | DnsWire.RecursionAvailable | (asked & (DnsWire.OpcodeMask | DnsWire.RecursionDesired | DnsWire.CheckingDisabled)) | (int)code;

    private static void Header(Span<byte> reply, ushort id, int flags, int questions, int answers, int additional)
    {
        BinaryPrimitives.WriteUInt16BigEndian(reply, id);
        BinaryPrimitives.WriteUInt16BigEndian(reply[2..], (ushort)flags);
        BinaryPrimitives.WriteUInt16BigEndian(reply[4..], (ushort)questions);
        BinaryPrimitives.WriteUInt16BigEndian(reply[6..], (ushort)answers);
        BinaryPrimitives.WriteUInt16BigEndian(reply[8..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(reply[10..], (ushort)additional);
    }

    private static bool TryAppend(Span<byte> buffer, ref int at, DnsRecord record)
    {
        var owner = record.Owner is { } of ? DnsWire.Name(of) : [QuestionName >> 8, QuestionName & 0xFF];
        var (type, data) = record switch
        {
            DnsRecord.Address { Value: var ip } => (ip.AddressFamily == AddressFamily.InterNetwork ? DnsType.A : DnsType.Aaaa, ip.GetAddressBytes()),
            DnsRecord.Alias alias => (DnsType.Cname, DnsWire.Name(alias.Target)),
            _ => (default(ushort), null),
        };
        if (owner is null || data is null || at + owner.Length + 10 + data.Length > buffer.Length) return false;
        owner.CopyTo(buffer[at..]);
        at += owner.Length;
        BinaryPrimitives.WriteUInt16BigEndian(buffer[at..], type);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[(at + 2)..], DnsType.ClassInternet);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[(at + 4)..], TimeToLive);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[(at + 8)..], (ushort)data.Length);
        data.CopyTo(buffer[(at + 10)..]);
        at += 10 + data.Length;
        return true;
    }

    private static void AppendOpt(Span<byte> buffer, ref int at)
    {
        buffer.Slice(at, OptBytes).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(buffer[(at + 1)..], DnsType.Opt);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[(at + 3)..], BytesMax);
        at += OptBytes;
    }
}
