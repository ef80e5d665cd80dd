using System.Text;

namespace Lima.Drivers.CloudInit;

/// <summary>One entry of a directory: the ISO 9660 record and the Rock Ridge fields behind it.</summary>
internal sealed class IsoRecord
{
    private const int Header = 33;
    private const int RecordMax = 254;
    private const byte FlagDirectory = 2;

    private readonly IsoNode _target;
    private readonly byte[] _identifier;
    private readonly List<byte[]> _fields;

    /// <summary>Makes the record of <paramref name="target"/>; <paramref name="self"/> is 0 for <c>.</c>, 1 for <c>..</c>, null for a name.</summary>
    public IsoRecord(IsoNode target, IsoVolume volume, byte? self = null, bool announce = false)
    {
        _target = target;
        _identifier = self is { } special ? [special] : Encoding.ASCII.GetBytes(target.IsDirectory ? target.Identifier : target.Identifier + ";1");
        _fields = RockRidge.Fields(target, volume, self is null ? target.Name : []);
        if (announce)
        {
            var (first, last) = RockRidge.Announcement();
            _fields.Insert(0, first);
            _fields.Add(last);
        }

        var fixedSize = Even(Header + _identifier.Length);
        if (fixedSize + _fields.Sum(field => field.Length) > RecordMax) Overflow = MoveOut(fixedSize + RockRidge.ContinuationSize);
        Size = Even(fixedSize + _fields.Sum(field => field.Length) + (Overflow.Length > 0 ? RockRidge.ContinuationSize : 0));
    }

    /// <summary>Bytes that it takes in its directory; even, at most 254.</summary>
    public int Size { get; }

    /// <summary>Place in its directory, in bytes.</summary>
    public int Offset { get; set; }

    /// <summary>Fields that do not fit and go to the continuation area; often empty.</summary>
    public byte[] Overflow { get; } = [];

    /// <summary>Place of <see cref="Overflow"/> in the continuation area, in bytes.</summary>
    public int OverflowOffset { get; set; }

    /// <summary>Writes it at the start of <paramref name="at"/>, once every sector is known.</summary>
    public void Write(Span<byte> at, IsoVolume volume, int continuationSector, int sectorSize)
    {
        at[0] = (byte)Size;
        IsoBytes.Both32(at[2..], _target.Sector);
        IsoBytes.Both32(at[10..], _target.Length);
        IsoBytes.ShortTime(at[18..], volume.Timestamp);
        at[25] = _target.IsDirectory ? FlagDirectory : (byte)0;
        IsoBytes.Both16(at[28..], 1);
        at[32] = (byte)_identifier.Length;
        _identifier.CopyTo(at[Header..]);
        var to = Even(Header + _identifier.Length);
        foreach (var field in _fields)
        {
            field.CopyTo(at[to..]);
            to += field.Length;
        }

        if (Overflow.Length == 0) return;
        RockRidge.Continuation(
            continuationSector + (OverflowOffset / sectorSize), OverflowOffset % sectorSize, Overflow.Length).CopyTo(at[to..]);
    }

    private byte[] MoveOut(int used)
    {
        var kept = _fields.TakeWhile(field => (used += field.Length) <= RecordMax).Count();
        var moved = _fields.Skip(kept).SelectMany(field => field).ToArray();
        _fields.RemoveRange(kept, _fields.Count - kept);
        return moved;
    }

    private static int Even(int size) => (size + 1) & ~1;
}
