using System.Buffers.Binary;

namespace Lima.VirtiofsRelay;

/// <summary>Looks into the guest's memory. The guest may have written anything there.</summary>
internal static class GuestMemory
{
    private const int RegionBytes = 32, RegionsAt = 8, UsedAt = 16, IndexAt = 2;

    /// <summary>How many answers a ring's other side has given, modulo 65536; null when the ring does not lie in the memory that is named.</summary>
    /// <param name="memory">The table of memory.</param>
    /// <param name="address">Where the ring is, in QEMU's addresses.</param>
    public static ushort? UsedIndex(VhostMessage memory, VhostMessage address)
    {
        if (address.Payload.Length < UsedAt + 8 || memory.Payload.Length < RegionsAt) return null;
        var used = BinaryPrimitives.ReadUInt64LittleEndian(address.Payload.AsSpan(UsedAt));
        for (var region = 0; region < memory.Files.Length && RegionsAt + (region + 1) * RegionBytes <= memory.Payload.Length; region++)
        {
            var row = memory.Payload.AsSpan(RegionsAt + region * RegionBytes, RegionBytes);
            var size = BinaryPrimitives.ReadUInt64LittleEndian(row[8..]);
            var begin = BinaryPrimitives.ReadUInt64LittleEndian(row[16..]);
            if (used < begin || used - begin >= size) continue;
            var word = new byte[2];
            var offset = BinaryPrimitives.ReadUInt64LittleEndian(row[24..]) + (used - begin) + IndexAt;
            return RandomAccess.Read(memory.Files[region], word, (long)offset) == word.Length ? BinaryPrimitives.ReadUInt16LittleEndian(word) : null;
        }

        return null;
    }
}
