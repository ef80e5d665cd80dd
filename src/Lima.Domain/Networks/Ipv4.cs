using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace Lima.Domain.Networks;

/// <summary>An IPv4 address as a number, first byte highest.</summary>
/// <param name="Value">The number.</param>
public readonly record struct Ipv4(uint Value) : IComparable<Ipv4>
{
    /// <summary>Bytes of an address.</summary>
    public const int Size = 4;

    /// <summary>To everybody on the same network.</summary>
    public static Ipv4 Broadcast => new(uint.MaxValue);

    /// <summary>Four bytes.</summary>
    public static Ipv4 Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt32BigEndian(bytes));

    /// <summary>Reads <c>192.168.104.1</c>, four decimal numbers and nothing else.</summary>
    public static bool TryParse(string? text, out Ipv4 address)
    {
        address = default;
        var parts = text?.Split('.') ?? [];
        if (parts.Length != Size) return false;
        uint value = 0;
        foreach (var part in parts)
        {
            if (part.Length is 0 or > 3 || !byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return false;
            value = (value << 8) | number;
        }

        address = new Ipv4(value);
        return true;
    }

    /// <summary>As the framework has it.</summary>
    public static implicit operator IPAddress(Ipv4 address)
    {
        var bytes = new byte[Size];
        address.Write(bytes);
        return new IPAddress(bytes);
    }

    /// <summary>Writes its four bytes.</summary>
    public void Write(Span<byte> to) => BinaryPrimitives.WriteUInt32BigEndian(to, Value);

    /// <inheritdoc/>
    public int CompareTo(Ipv4 other) => Value.CompareTo(other.Value);

    /// <summary>Lower than.</summary>
    public static bool operator <(Ipv4 a, Ipv4 b) => a.Value < b.Value;
    /// <summary>Higher than.</summary>
    public static bool operator >(Ipv4 a, Ipv4 b) => a.Value > b.Value;
    /// <summary>Lower or the same.</summary>
    public static bool operator <=(Ipv4 a, Ipv4 b) => a.Value <= b.Value;
    /// <summary>Higher or the same.</summary>
    public static bool operator >=(Ipv4 a, Ipv4 b) => a.Value >= b.Value;

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Value >> 24}.{(Value >> 16) & 255}.{(Value >> 8) & 255}.{Value & 255}");
}
