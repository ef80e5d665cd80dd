using System.Buffers.Binary;
using System.Text;

namespace Lima.Drivers.CloudInit;

/// <summary>
/// Makes an ISO 9660 image with Rock Ridge names and modes, in memory: what a seed for cloud-init needs, and no more.
/// The same files give the same bytes, in whatever order they are listed.
/// </summary>
public sealed class Iso9660Writer
{
    private const int SectorSize = 2048;
    private const int FirstDescriptor = 16;
    private const int FirstFree = FirstDescriptor + 2;

    private readonly IsoVolume _volume;
    private readonly List<IsoNode> _directories;
    private readonly Dictionary<IsoNode, List<IsoRecord>> _records;
    private readonly int _pathTableSize;
    private readonly int _continuationSize;
    private readonly int _continuationSector;
    private readonly int _sectors;

    private Iso9660Writer(IsoVolume volume, IsoNode root)
    {
        _volume = volume;
        _directories = root.Directories();
        if (_directories.Count > ushort.MaxValue) throw new ArgumentException("too many directories for an ISO image", nameof(root));
        _records = _directories.ToDictionary(directory => directory, directory => Records(directory, root));
        _pathTableSize = _directories.Sum(PathEntrySize);
        foreach (var directory in _directories) directory.Length = Place(_records[directory]);
        _continuationSize = PlaceContinuations();

        var next = (long)FirstFree + (2 * PathTableSectors);
        foreach (var (index, directory) in _directories.Index())
        {
            directory.Number = index + 1;
            next = Allocate(directory, next);
        }

        _continuationSector = (int)next;
        next += Sectors(_continuationSize);
        foreach (var file in Files())
        {
            file.Length = file.File!.Content.Length;
            next = Allocate(file, next);
        }

        if (next * SectorSize > Array.MaxLength) throw new ArgumentException("the files are too large for an ISO image in memory", nameof(root));
        _sectors = (int)next;
    }

    private int PathTableSectors => Sectors(_pathTableSize);

    /// <summary>Makes the image.</summary>
    /// <exception cref="ArgumentException">A path is malformed, has a name of more than 253 bytes, or appears twice, or the label is no legal one.</exception>
    public static byte[] Write(IsoVolume volume, IEnumerable<IsoFile> files)
    {
        if (volume.Label.Length is 0 or > 32 || !Ascii.IsValid(volume.Label))
            throw new ArgumentException($"`{volume.Label}` is no label for an ISO image: use 1 to 32 ASCII characters", nameof(volume));
        return new Iso9660Writer(volume, IsoNode.Tree(files)).Image();
    }

    private List<IsoRecord> Records(IsoNode directory, IsoNode root) =>
    [
        new IsoRecord(directory, _volume, self: 0, announce: directory == root),
        new IsoRecord(directory.Parent, _volume, self: 1),
        .. directory.Children.Select(child => new IsoRecord(child, _volume)),
    ];

    private IEnumerable<IsoNode> Files() => _directories.SelectMany(directory => directory.Children).Where(child => !child.IsDirectory);

    // A record may not reach from one sector into the next.
    private static int Place(List<IsoRecord> records)
    {
        var at = 0;
        foreach (var record in records)
        {
            record.Offset = FitInSector(at, record.Size);
            at = record.Offset + record.Size;
        }

        return Sectors(at) * SectorSize;
    }

    private int PlaceContinuations()
    {
        var at = 0;
        foreach (var record in _directories.SelectMany(directory => _records[directory]).Where(record => record.Overflow.Length > 0))
        {
            record.OverflowOffset = FitInSector(at, record.Overflow.Length);
            at = record.OverflowOffset + record.Overflow.Length;
        }

        return at;
    }

    private byte[] Image()
    {
        var image = new byte[(long)_sectors * SectorSize];
        WritePrimaryDescriptor(At(image, FirstDescriptor));
        WriteDescriptorHead(At(image, FirstDescriptor + 1), type: 255);
        WritePathTable(At(image, FirstFree), bigEndian: false);
        WritePathTable(At(image, FirstFree + PathTableSectors), bigEndian: true);
        foreach (var directory in _directories)
            foreach (var record in _records[directory])
            {
                record.Write(At(image, directory.Sector)[record.Offset..], _volume, _continuationSector, SectorSize);
                record.Overflow.CopyTo(At(image, _continuationSector)[record.OverflowOffset..]);
            }

        foreach (var file in Files()) file.File!.Content.Span.CopyTo(At(image, file.Sector));
        return image;
    }

    private void WritePrimaryDescriptor(Span<byte> at)
    {
        WriteDescriptorHead(at, type: 1);
        IsoBytes.Text(at.Slice(8, 32), "LINUX");
        IsoBytes.Text(at.Slice(40, 32), _volume.Label);
        IsoBytes.Both32(at[80..], _sectors);
        IsoBytes.Both16(at[120..], 1); // volumes in the set
        IsoBytes.Both16(at[124..], 1); // this one's number
        IsoBytes.Both16(at[128..], SectorSize);
        IsoBytes.Both32(at[132..], _pathTableSize);
        BinaryPrimitives.WriteInt32LittleEndian(at[140..], FirstFree);
        BinaryPrimitives.WriteInt32BigEndian(at[148..], FirstFree + PathTableSectors);
        WriteRootRecord(at.Slice(156, 34));
        IsoBytes.Text(at[190..813], ""); // names of the set, publisher, preparer, application and of three files: none
        for (var time = 813; time <= 830; time += 17) IsoBytes.LongTime(at[time..], _volume.Timestamp);
        for (var time = 847; time <= 864; time += 17) at.Slice(time, 16).Fill((byte)'0'); // neither expires nor begins
        at[881] = 1; // version of the file structure
    }

    private static void WriteDescriptorHead(Span<byte> at, byte type)
    {
        at[0] = type;
        "CD001"u8.CopyTo(at[1..]);
        at[6] = 1;
    }

    private void WriteRootRecord(Span<byte> at)
    {
        var root = _directories[0];
        at[0] = 34;
        IsoBytes.Both32(at[2..], root.Sector);
        IsoBytes.Both32(at[10..], root.Length);
        IsoBytes.ShortTime(at[18..], _volume.Timestamp);
        at[25] = 2;
        IsoBytes.Both16(at[28..], 1);
        at[32] = 1;
    }

    private void WritePathTable(Span<byte> at, bool bigEndian)
    {
        foreach (var directory in _directories)
        {
            var identifier = PathIdentifier(directory);
            at[0] = (byte)identifier.Length;
            if (bigEndian)
            {
                BinaryPrimitives.WriteInt32BigEndian(at[2..], directory.Sector);
                BinaryPrimitives.WriteUInt16BigEndian(at[6..], (ushort)directory.Parent.Number);
            }
            else
            {
                BinaryPrimitives.WriteInt32LittleEndian(at[2..], directory.Sector);
                BinaryPrimitives.WriteUInt16LittleEndian(at[6..], (ushort)directory.Parent.Number);
            }

            identifier.CopyTo(at[8..]);
            at = at[PathEntrySize(directory)..];
        }
    }

    private static byte[] PathIdentifier(IsoNode directory) =>
        directory.Identifier.Length == 0 ? [0] : Encoding.ASCII.GetBytes(directory.Identifier);

    private static int PathEntrySize(IsoNode directory) => (8 + PathIdentifier(directory).Length + 1) & ~1;

    private static long Allocate(IsoNode node, long next)
    {
        if (node.Length == 0) return next; // nothing is where an empty file is; sector 0 says so
        node.Sector = (int)next;
        return next + Sectors(node.Length);
    }

    private static int FitInSector(int at, int size) =>
        at % SectorSize + size > SectorSize ? Sectors(at) * SectorSize : at;

    private static int Sectors(int bytes) => (int)(((long)bytes + SectorSize - 1) / SectorSize);

    private static Span<byte> At(byte[] image, int sector) => image.AsSpan(sector * SectorSize);
}
