using System.Buffers.Binary;
using System.Text;

namespace Lima.Domain.Agent;

/// <summary>Reads the parts of a payload one after the other. After the first that is not there all are 0, and nothing throws.</summary>
internal ref struct AgentCursor(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;
    private bool _failed;

    /// <summary>Whether all was there, and nothing is left.</summary>
    public readonly bool IsWhole => !_failed && _rest.IsEmpty;

    public byte U8() => Take(1) is { IsEmpty: false } b ? b[0] : (byte)0;

    public bool Flag()
    {
        var value = U8();
        if (value > 1) _failed = true;
        return value == 1;
    }

    public ushort U16() => Take(2) is { IsEmpty: false } b ? BinaryPrimitives.ReadUInt16LittleEndian(b) : (ushort)0;

    public uint U32() => Take(4) is { IsEmpty: false } b ? BinaryPrimitives.ReadUInt32LittleEndian(b) : 0;

    public ulong U64() => Take(8) is { IsEmpty: false } b ? BinaryPrimitives.ReadUInt64LittleEndian(b) : 0;

    public UInt128 U128()
    {
        var low = U64();
        return new UInt128(U64(), low);
    }

    public ReadOnlySpan<byte> Take(int count)
    {
        if (_failed || _rest.Length < count)
        {
            _failed = true;
            return default;
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    /// <summary>A text for people; control characters in it are replaced.</summary>
    public string Text(int max)
    {
        var length = U16();
        if (length > max) _failed = true;
        var text = Encoding.UTF8.GetString(Take(length));
        return text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c)) : text;
    }

    /// <summary>A path is whole or not at all: absolute, valid UTF-8, no control characters.</summary>
    public string Path()
    {
        var text = Text(AgentProtocol.TextMax);
        if (!text.StartsWith('/') || text.Contains('\uFFFD')) _failed = true;
        return text;
    }

    public void Fail() => _failed = true;
}
