using System.Globalization;

namespace Lima.Domain.Networks;

/// <summary>A hardware address: 48 bits, first byte highest.</summary>
/// <param name="Value">The number.</param>
public readonly record struct Mac(ulong Value)
{
    /// <summary>Bytes of an address.</summary>
    public const int Size = 6;

    /// <summary>To everybody.</summary>
    public static Mac Broadcast => new(0xffffffffffff);

    /// <summary>For several receivers, or for everybody. No card has such a one as its own.</summary>
    public bool IsGroup => (Value & 0x010000000000) != 0;

    /// <summary>Six bytes.</summary>
    public static Mac Read(ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        foreach (var part in bytes[..Size]) value = (value << 8) | part;
        return new Mac(value);
    }

    /// <summary>Reads <c>52:55:55:0a:0b:0c</c>; dashes serve as well.</summary>
    public static bool TryParse(string? text, out Mac mac)
    {
        mac = default;
        var parts = text?.Split(':', '-') ?? [];
        if (parts.Length != Size) return false;
        ulong value = 0;
        foreach (var part in parts)
        {
            if (part.Length is 0 or > 2 || !byte.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)) return false;
            value = (value << 8) | number;
        }

        mac = new Mac(value);
        return true;
    }

    /// <summary>Writes its six bytes.</summary>
    public void Write(Span<byte> to)
    {
        for (var at = 0; at < Size; at++) to[at] = (byte)(Value >> (40 - (8 * at)));
    }

    /// <summary>Its twelve digits alone, as a part of a file name.</summary>
    public string Digits => Value.ToString("x12", CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override string ToString() => string.Join(':', Digits.Chunk(2).Select(pair => new string(pair)));
}
