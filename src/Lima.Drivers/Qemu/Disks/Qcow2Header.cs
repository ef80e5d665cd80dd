using System.Buffers.Binary;

namespace Lima.Drivers.Qemu.Disks;

/// <summary>What the first bytes of a qcow2 image say; read by us, so that a hostile image is refused before any tool opens it.</summary>
/// <param name="VirtualBytes">Size that the guest sees.</param>
/// <param name="ClusterBytes">Size of a cluster.</param>
/// <param name="HasBackingFile">It lies on top of another file.</param>
/// <param name="HasDataFile">Its data is in another file.</param>
/// <param name="BytesNeeded">Length that the file has at least, when nothing of it is cut off.</param>
public sealed record Qcow2Header(long VirtualBytes, int ClusterBytes, bool HasBackingFile, bool HasDataFile, long BytesNeeded)
{
    private const uint Magic = 0x514649fb; // "QFI" and 0xfb
    private const int HeaderBytes = 104;
    private const int L1EntriesMax = 4 << 20; // 32 MiB of table: QEMU's own limit.
    private const ulong OffsetMask = 0x00ff_ffff_ffff_fe00;
    private const ulong Compressed = 1UL << 62, DataFile = 1UL << 2, ExtendedL2 = 1UL << 4;
    private const int SectorBytes = 512;

    /// <summary>Reads the header and the tables; null when the file is no qcow2 image.</summary>
    /// <exception cref="InvalidDataException">It says that it is one, and its header makes no sense.</exception>
    /// <exception cref="EndOfStreamException">Its tables are cut off.</exception>
    public static Qcow2Header? Read(string path)
    {
        using var file = File.OpenRead(path);
        Span<byte> header = stackalloc byte[HeaderBytes];
        var got = file.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false);
        if (got < 4 || BinaryPrimitives.ReadUInt32BigEndian(header) != Magic) return null;
        if (got < HeaderBytes) throw new EndOfStreamException();
        var version = U32(header, 4);
        var clusterBits = U32(header, 20);
        var l1Entries = U32(header, 36);
        var features = version >= 3 ? U64(header, 72) : 0;
        if (version is not (2 or 3) || clusterBits is < 9 or > 21 || l1Entries > L1EntriesMax || U64(header, 24) > long.MaxValue)
            throw new InvalidDataException("its header makes no sense");
        var needed = Math.Max(U64(header, 48) + SectorBytes, LastByte(file, U64(header, 40), (int)l1Entries, (int)clusterBits, features));
        return new Qcow2Header((long)U64(header, 24), 1 << (int)clusterBits, U64(header, 8) != 0, (features & DataFile) != 0, (long)Math.Min(needed, long.MaxValue));
    }

    /// <summary>Name of the file beneath the image, as it is written down; null when there is none or the file is no qcow2 image.</summary>
    /// <exception cref="InvalidDataException">The header makes no sense.</exception>
    /// <exception cref="EndOfStreamException">The header is cut off.</exception>
    public static string? BackingFile(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Span<byte> header = stackalloc byte[20];
        var got = file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        if (got < header.Length || U32(header, 0) != Magic || U64(header, 8) == 0) return null;
        var (offset, length) = (U64(header, 8), U32(header, 16));
        // QEMU's own limit for the name.
        if (length > 1023 || offset > (ulong)file.Length) throw new InvalidDataException("its header makes no sense");
        var name = new byte[length];
        file.Position = (long)offset;
        file.ReadExactly(name);
        return System.Text.Encoding.UTF8.GetString(name);
    }

    /// <summary>The end of the farthest piece that the tables point to. Costs reading the tables: one part in 8192 of what is in use.</summary>
    private static ulong LastByte(FileStream file, ulong l1Offset, int l1Entries, int clusterBits, ulong features)
    {
        // An entry that describes sub-clusters takes 16 bytes; only its first half is an offset.
        var stride = (features & ExtendedL2) != 0 ? 16 : 8;
        var last = l1Offset + ((ulong)l1Entries * 8);
        var table = new byte[1 << clusterBits];
        foreach (var entry in Offsets(ReadTable(file, l1Offset, new byte[l1Entries * 8]), 8))
        {
            var l2 = entry & OffsetMask;
            if (l2 == 0) continue;
            last = Math.Max(last, l2 + (ulong)table.Length);
            if (last > (ulong)file.Length) return last;
            foreach (var data in Offsets(ReadTable(file, l2, table), stride)) last = Math.Max(last, End(data, clusterBits));
        }

        return last;
    }

    private static ulong End(ulong entry, int clusterBits)
    {
        if ((entry & Compressed) == 0) return (entry & OffsetMask) is var offset and not 0 ? offset + SectorBytes : 0;
        // Host offset in the low bits, above it the number of further sectors.
        var offsetBits = 62 - (clusterBits - 8);
        return entry & ((1UL << offsetBits) - 1);
    }

    private static byte[] ReadTable(FileStream file, ulong offset, byte[] table)
    {
        if (offset > (ulong)file.Length) throw new EndOfStreamException();
        file.Position = (long)offset;
        file.ReadExactly(table);
        return table;
    }

    private static IEnumerable<ulong> Offsets(byte[] table, int stride)
    {
        for (var at = 0; at + 8 <= table.Length; at += stride) yield return U64(table.AsSpan(), at);
    }

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);

    private static ulong U64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64BigEndian(bytes[at..]);
}
