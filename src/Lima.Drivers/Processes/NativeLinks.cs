using System.Runtime.InteropServices;

namespace Lima.Drivers.Processes;

/// <summary>Where paths lead, byte by byte: names of files need not be texts.</summary>
internal static unsafe partial class NativeLinks
{
    /// <summary>The path with every link followed; null with the C library's error number when there is nothing.</summary>
    public static byte[]? RealPath(ReadOnlySpan<byte> path, out int error)
    {
        fixed (byte* name = Terminated(path))
        {
            var real = RealPath(name, null);
            error = real is null ? Marshal.GetLastPInvokeError() : 0;
            if (real is null) return null;
            var bytes = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(real).ToArray();
            NativeMemory.Free(real);
            return bytes;
        }
    }

    /// <summary>Whether the path itself is a link.</summary>
    public static bool IsLink(ReadOnlySpan<byte> path)
    {
        byte target;
        fixed (byte* name = Terminated(path))
        {
            return ReadLink(name, &target, 1) >= 0;
        }
    }

    private static byte[] Terminated(ReadOnlySpan<byte> path) => [.. path, 0];

    [LibraryImport("libc", EntryPoint = "realpath", SetLastError = true)]
    private static partial byte* RealPath(byte* path, byte* room);

    [LibraryImport("libc", EntryPoint = "readlink", SetLastError = true)]
    private static partial nint ReadLink(byte* path, byte* room, nuint length);
}
