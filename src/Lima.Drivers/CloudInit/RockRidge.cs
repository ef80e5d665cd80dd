using System.Buffers.Binary;
using System.Text;

namespace Lima.Drivers.CloudInit;

/// <summary>
/// The fields that carry Unix names, modes and times beside an ISO 9660 record (System Use Sharing Protocol and Rock
/// Ridge 1.09, the version that every kernel reads).
/// </summary>
internal static class RockRidge
{
    /// <summary>Size of the field that leads to a continuation.</summary>
    public const int ContinuationSize = 28;

    private const byte Version = 1;
    private const int FieldMax = 255;
    private const int TypeDirectory = 0x4000;
    private const int TypeRegular = 0x8000;

    /// <summary>The fields of a named record or, without <paramref name="name"/>, of <c>.</c> and <c>..</c>.</summary>
    public static List<byte[]> Fields(IsoNode node, IsoVolume volume, ReadOnlySpan<byte> name)
    {
        List<byte[]> fields = [Attributes(node, volume), Times(volume.Timestamp)];
        const int room = FieldMax - 5;
        for (var from = 0; from < name.Length; from += room)
        {
            var part = name[from..Math.Min(name.Length, from + room)];
            var field = Field("NM", 5 + part.Length);
            field[4] = from + part.Length < name.Length ? (byte)1 : (byte)0; // 1: the name goes on in the next field
            part.CopyTo(field.AsSpan(5));
            fields.Add(field);
        }

        return fields;
    }

    /// <summary>The two fields that mark the image as one with Rock Ridge; they belong to the root's own record.</summary>
    public static (byte[] First, byte[] Last) Announcement()
    {
        var present = Field("SP", 7);
        present[4] = 0xBE;
        present[5] = 0xEF;
        var id = "RRIP_1991A"u8;
        var description = "THE ROCK RIDGE INTERCHANGE PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM SEMANTICS"u8;
        var reference = Field("ER", 8 + id.Length + description.Length);
        reference[4] = (byte)id.Length;
        reference[5] = (byte)description.Length;
        reference[6] = 0; // no text on where the specification can be had
        reference[7] = 1;
        id.CopyTo(reference.AsSpan(8));
        description.CopyTo(reference.AsSpan(8 + id.Length));
        return (present, reference);
    }

    /// <summary>The field that says where a record's further fields are.</summary>
    public static byte[] Continuation(int sector, int offset, int length)
    {
        var field = Field("CE", ContinuationSize);
        IsoBytes.Both32(field.AsSpan(4), sector);
        IsoBytes.Both32(field.AsSpan(12), offset);
        IsoBytes.Both32(field.AsSpan(20), length);
        return field;
    }

    private static byte[] Attributes(IsoNode node, IsoVolume volume)
    {
        var field = Field("PX", 36);
        var mode = node.File is { } file ? TypeRegular | (int)file.Mode : TypeDirectory | (int)volume.DirectoryMode;
        IsoBytes.Both32(field.AsSpan(4), mode);
        IsoBytes.Both32(field.AsSpan(12), node.IsDirectory ? 2 + node.Children.Count(child => child.IsDirectory) : 1);
        return field; // owner and group stay 0: root
    }

    private static byte[] Times(DateTimeOffset time)
    {
        var field = Field("TF", 5 + (3 * IsoBytes.ShortTimeSize));
        field[4] = 0b0000_1110; // modification, access, change of attributes
        for (var at = 5; at < field.Length; at += IsoBytes.ShortTimeSize) IsoBytes.ShortTime(field.AsSpan(at), time);
        return field;
    }

    private static byte[] Field(string signature, int length)
    {
        var field = new byte[length];
        Encoding.ASCII.GetBytes(signature, field);
        field[2] = (byte)length;
        field[3] = Version;
        return field;
    }
}

/// <summary>Numbers, times and texts as ISO 9660 writes them.</summary>
internal static class IsoBytes
{
    /// <summary>Size of a time in a record.</summary>
    public const int ShortTimeSize = 7;

    /// <summary>Sixteen bits, little-endian and then big-endian.</summary>
    public static void Both16(Span<byte> at, int value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(at, (ushort)value);
        BinaryPrimitives.WriteUInt16BigEndian(at[2..], (ushort)value);
    }

    /// <summary>Thirty-two bits, little-endian and then big-endian.</summary>
    public static void Both32(Span<byte> at, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(at, value);
        BinaryPrimitives.WriteInt32BigEndian(at[4..], value);
    }

    /// <summary>Time of a record, to the second, in UTC.</summary>
    public static void ShortTime(Span<byte> at, DateTimeOffset time)
    {
        var utc = time.UtcDateTime;
        ReadOnlySpan<byte> fields =
            [(byte)(utc.Year - 1900), (byte)utc.Month, (byte)utc.Day, (byte)utc.Hour, (byte)utc.Minute, (byte)utc.Second, 0];
        fields.CopyTo(at);
    }

    /// <summary>Time of a volume: sixteen digits and the zone, which is UTC.</summary>
    public static void LongTime(Span<byte> at, DateTimeOffset time)
    {
        Encoding.ASCII.GetBytes(time.UtcDateTime.ToString("yyyyMMddHHmmssff", null), at);
        at[16] = 0;
    }

    /// <summary>ASCII text, filled up with blanks.</summary>
    public static void Text(Span<byte> at, string text)
    {
        at.Fill((byte)' ');
        Encoding.ASCII.GetBytes(text, at);
    }
}
