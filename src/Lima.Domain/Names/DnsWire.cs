using System.Buffers.Binary;

namespace Lima.Domain.Names;

/// <summary>Parts of messages as they are on the wire (RFC 1035, 4.1). Nothing here throws, whatever the bytes are.</summary>
internal static class DnsWire
{
    /// <summary>Bytes before the question.</summary>
    public const int HeaderBytes = 12;

    /// <summary>Flag: this is a reply.</summary>
    public const ushort Reply = 0x8000;
    /// <summary>Flag: this server itself is the authority.</summary>
    public const ushort Authoritative = 0x0400;
    /// <summary>Flag: there is more than fitted.</summary>
    public const ushort Truncated = 0x0200;
    /// <summary>Flag: other servers are to be asked, too.</summary>
    public const ushort RecursionDesired = 0x0100;
    /// <summary>Flag: other servers are asked, too.</summary>
    public const ushort RecursionAvailable = 0x0080;
    /// <summary>Flag: whoever asks checks signatures himself.</summary>
    public const ushort CheckingDisabled = 0x0010;
    /// <summary>What is asked for; 0 for a question.</summary>
    public const ushort OpcodeMask = 0x7800;

    private const int LabelMax = 63;
    private const int NameMax = 255;
    private const byte Pointer = 0xC0;
    private const int FixedBytes = 10;

    /// <summary>The number of 16 bits at a place of the header.</summary>
    public static ushort Word(ReadOnlySpan<byte> message, int at) => BinaryPrimitives.ReadUInt16BigEndian(message[at..]);

    /// <summary>Goes past a name, which may end in a pointer; false when it does not end within the message.</summary>
    public static bool SkipName(ReadOnlySpan<byte> message, ref int at)
    {
        for (var start = at; at < message.Length && at - start < NameMax;)
        {
            var length = message[at];
            if (length == 0)
            {
                at++;
                return true;
            }

            if (length >= Pointer)
            {
                at += 2;
                return at <= message.Length;
            }

            if (length > LabelMax) return false;
            at += 1 + length;
        }

        return false;
    }

    /// <summary>Goes past a record and tells its type, class and the length of its data.</summary>
    public static bool SkipRecord(ReadOnlySpan<byte> message, ref int at, out ushort type, out ushort @class)
    {
        (type, @class) = (0, 0);
        if (!SkipName(message, ref at) || at + FixedBytes > message.Length) return false;
        type = Word(message, at);
        @class = Word(message, at + 2);
        at += FixedBytes + Word(message, at + 8);
        return at <= message.Length;
    }

    /// <summary>
    /// Reads the name of a question: labels joined by dots, without one at the end; each character is one byte. Null, though the question is
    /// well-formed, when a label has a dot of its own or a control character: no name that anybody here could mean.
    /// </summary>
    public static bool ReadName(ReadOnlySpan<byte> message, ref int at, out string? name)
    {
        name = null;
        Span<char> text = stackalloc char[NameMax];
        var (used, isPlain) = (0, true);
        for (var start = at; at < message.Length && at - start < NameMax;)
        {
            int length = message[at++];
            if (length == 0)
            {
                name = isPlain ? new string(text[..Math.Max(0, used - 1)]) : null;
                return true;
            }

            // Nothing stands before a question that it could point to.
            if (length > LabelMax || at + length > message.Length || used + length + 1 > NameMax) return false;
            foreach (var letter in message.Slice(at, length))
            {
                isPlain &= letter > ' ' && letter != '.' && letter != 0x7F;
                text[used++] = (char)letter;
            }

            text[used++] = '.';
            at += length;
        }

        return false;
    }

    /// <summary>A name for a message; null when it cannot be one.</summary>
    public static byte[]? Name(string name)
    {
        var trimmed = name.EndsWith('.') ? name[..^1] : name;
        if (trimmed.Length is 0 or > NameMax - 2) return null;
        var bytes = new byte[trimmed.Length + 2];
        var at = 0;
        foreach (var label in trimmed.Split('.'))
        {
            if (label.Length is 0 or > LabelMax || label.Any(letter => letter > 0xFF)) return null;
            bytes[at++] = (byte)label.Length;
            foreach (var letter in label) bytes[at++] = (byte)letter;
        }

        return bytes;
    }
}
