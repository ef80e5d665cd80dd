using System.Buffers.Binary;
using System.Text;

namespace Lima.Testing;

/// <summary>Writes questions and reads replies, on its own: what is tested is not used for it.</summary>
public static class DnsQuestion
{
    /// <summary>A question; with the largest reply that is taken, if <paramref name="size"/> is given.</summary>
    public static byte[] Of(string name, ushort type = 1, ushort id = 7, int? size = null, ushort @class = 1)
    {
        List<byte> bytes = [.. Word(id), 1, 0, 0, 1, 0, 0, 0, 0, 0, (byte)(size is null ? 0 : 1)];
        bytes.AddRange(Name(name));
        bytes.AddRange([.. Word(type), .. Word(@class)]);
        if (size is { } most) bytes.AddRange([0, 0, 41, .. Word((ushort)most), 0, 0, 0, 0, 0, 0]);
        return [.. bytes];
    }

    /// <summary>A name as it is in messages.</summary>
    public static byte[] Name(string name)
    {
        List<byte> bytes = [];
        foreach (var label in name.Split('.', StringSplitOptions.RemoveEmptyEntries)) bytes.AddRange([(byte)label.Length, .. Encoding.Latin1.GetBytes(label)]);
        return [.. bytes, 0];
    }

    /// <summary>A record of a reply to such a question.</summary>
    public static byte[] Record(ushort type, params byte[] data) => [0xC0, 12, .. Word(type), .. Word(1), 0, 0, 0, 60, .. Word((ushort)data.Length), .. data];

    /// <summary>A reply with those records.</summary>
    public static byte[] Reply(byte[] question, params byte[][] records)
    {
        byte[] reply = [.. question, .. records.SelectMany(record => record)];
        reply[2] |= 0x80;
        BinaryPrimitives.WriteUInt16BigEndian(reply.AsSpan(6), (ushort)records.Length);
        return reply;
    }

    /// <summary>The reply as text: code and flags, then each record.</summary>
    public static string Show(ReadOnlySpan<byte> reply)
    {
        var flags = BinaryPrimitives.ReadUInt16BigEndian(reply[2..]);
        var text = new StringBuilder($"{(flags & 0x8000) >> 15}{((flags & 0x200) != 0 ? " cut" : "")} {flags & 15}");
        var at = 12;
        for (var n = BinaryPrimitives.ReadUInt16BigEndian(reply[4..]); n > 0; n--)
        {
            ReadName(reply, ref at);
            at += 4;
        }

        for (var n = BinaryPrimitives.ReadUInt16BigEndian(reply[6..]); n > 0; n--)
        {
            var owner = ReadName(reply, ref at);
            var (type, life, length) = (Number(reply, at), BinaryPrimitives.ReadUInt32BigEndian(reply[(at + 4)..]), Number(reply, at + 8));
            at += 10;
            var end = at + length;
            var data = type switch
            {
                1 or 28 => new System.Net.IPAddress(reply.Slice(at, length)).ToString(),
                5 => ReadName(reply, ref at),
                _ => Convert.ToHexStringLower(reply.Slice(at, length)),
            };
            at = end;
            text.Append($"; {owner} {life} {type} {data}");
        }

        return text.ToString();
    }

    private static string ReadName(ReadOnlySpan<byte> message, ref int at)
    {
        var text = new StringBuilder();
        while (message[at] != 0)
        {
            if (message[at] >= 0xC0)
            {
                var target = Number(message, at) & 0x3FFF;
                at += 2;
                return text + ReadName(message, ref target);
            }

            text.Append(Encoding.Latin1.GetString(message.Slice(at + 1, message[at]))).Append('.');
            at += 1 + message[at];
        }

        at++;
        return text.ToString();
    }

    private static ushort Number(ReadOnlySpan<byte> message, int at) => BinaryPrimitives.ReadUInt16BigEndian(message[at..]);

    private static byte[] Word(ushort value) => [(byte)(value >> 8), (byte)value];
}
