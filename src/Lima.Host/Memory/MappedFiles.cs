using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Lima.Host.Memory;

/// <summary>
/// Lets go of the pages of mapped files (programs, libraries, assemblies) that this process has touched. Most were needed
/// once, for the start. The kernel keeps their contents in its cache, so the next touch only maps them again, in groups;
/// and when memory is scarce it can take them without asking whether someone still uses them.
/// </summary>
internal static partial class MappedFiles
{
    private const int DontNeed = 4;

    // Of an entry of /proc/self/pagemap: the page is in memory; it is swapped out; it belongs to a file.
    private const ulong Present = 1UL << 63;
    private const ulong Swapped = 1UL << 62;
    private const ulong OfFile = 1UL << 61;

    /// <summary>What is mapped now; empty where the system does not tell.</summary>
    public static IReadOnlySet<MappedFile> Read()
    {
        try
        {
            return File.ReadLines("/proc/self/maps").Select(MappedFile.Parse).OfType<MappedFile>().ToHashSet();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new HashSet<MappedFile>();
        }
    }

    /// <summary>
    /// Releases what is mapped now and was mapped alike at an earlier look. Something new may still be under way: a loader
    /// writes addresses into pages before it makes them unwritable, and such a page must never be lost.
    /// </summary>
    public static void Release(IReadOnlySet<MappedFile> earlier)
    {
        try
        {
            using var pagemap = File.OpenHandle("/proc/self/pagemap");
            foreach (var file in Read().Where(earlier.Contains)) Release(file, pagemap);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without knowing which pages are unchanged none can be released.
        }
    }

    private static void Release(MappedFile file, Microsoft.Win32.SafeHandles.SafeFileHandle pagemap)
    {
        var size = (nuint)Environment.SystemPageSize;
        var entries = new byte[(int)((file.End - file.Start) / size) * sizeof(ulong)];
        if (RandomAccess.Read(pagemap, entries, (long)(file.Start / size) * sizeof(ulong)) != entries.Length) return;
        var pages = entries.Length / sizeof(ulong);
        var first = 0;
        for (var page = 0; page <= pages; page++)
        {
            if (page < pages && IsUnchanged(BinaryPrimitives.ReadUInt64LittleEndian(entries.AsSpan(page * sizeof(ulong))))) continue;
            // Fails for locked pages, which then stay.
            if (page > first) _ = madvise(file.Start + (nuint)first * size, (nuint)(page - first) * size, DontNeed);
            first = page + 1;
        }
    }

    /// <summary>Whether the page is the file's own or not there; a changed one is a private copy, in memory or swapped out.</summary>
    private static bool IsUnchanged(ulong entry) => (entry & Swapped) == 0 && ((entry & Present) == 0 || (entry & OfFile) != 0);

    [LibraryImport("libc")]
    private static partial int madvise(nuint start, nuint length, int advice);
}
