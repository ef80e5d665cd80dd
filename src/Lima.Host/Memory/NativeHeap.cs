using System.Runtime.InteropServices;

namespace Lima.Host.Memory;

/// <summary>The C library's heap: the compiler of .NET leaves megabytes of free blocks in it.</summary>
internal static partial class NativeHeap
{
    /// <summary>Returns free blocks to the system. Does nothing with a C library that cannot.</summary>
    public static void Trim()
    {
        try
        {
            _ = malloc_trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // musl has no such function, and hardly keeps free blocks.
        }
    }

    [LibraryImport("libc")]
    private static partial int malloc_trim(nuint pad);
}
