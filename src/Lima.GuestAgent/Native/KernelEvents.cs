using System.Runtime.InteropServices;
using System.Text;

namespace Lima.GuestAgent.Native;

/// <summary>Events of the kernel by <c>perf_event_open</c>, of which only that they happen is of interest. They end with their descriptors.</summary>
internal static unsafe partial class KernelEvents
{
    private const int AttributeBytes = 72;
    private const uint Tracepoint = 2;
    private const long CloseOnExec = 8;
    private const nuint Enable = 0x2400, SetOutput = 0x2405, SetFilter = 0x40082406;
    private const int ReadOnly = 1, Shared = 1;

    private static readonly long CallNumber = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 241 : 298;

    /// <summary>A tracepoint, by its number; negative on failure.</summary>
    /// <param name="filter">Which of its events count; empty for all.</param>
    public static int OpenTracepoint(ulong number, string filter, int processor) => Open(Tracepoint, number, null, filter, processor);

    /// <summary>Each return from a function of the kernel; negative on failure.</summary>
    /// <param name="kind">The number that this kernel has for that kind of event.</param>
    public static int OpenReturn(uint kind, string function, int processor) => Open(kind, config: 1, function, "", processor);

    /// <summary>Gives the event a buffer, so that it can be waited for; its start, or 0.</summary>
    public static nint Map(int descriptor)
    {
        // Read-only: then the kernel writes over what is old and nobody has to take it away.
        var start = Map(0, MapBytes, ReadOnly, Shared, descriptor, 0);
        return start == -1 ? 0 : start;
    }

    /// <summary>Lets an event wake those that wait for another one.</summary>
    public static bool Join(int descriptor, int other) => Control(descriptor, SetOutput, other) == 0;

    /// <summary>Takes back the buffer.</summary>
    public static void Unmap(nint start) => _ = Unmap(start, MapBytes);

    private static nuint MapBytes => (nuint)Environment.SystemPageSize * 2;

    private static int Open(uint type, ulong config, string? function, string filter, int processor)
    {
        var name = stackalloc byte[64];
        _ = Encoding.ASCII.GetBytes(function ?? "", new Span<byte>(name, 63));
        var attributes = stackalloc byte[AttributeBytes];
        *(uint*)attributes = type;
        *(uint*)(attributes + 4) = AttributeBytes;
        *(ulong*)(attributes + 8) = config;
        *(ulong*)(attributes + 16) = 1; // each one
        *(ulong*)(attributes + 40) = 1; // not before it is enabled
        *(uint*)(attributes + 48) = 1; // wakes for each one
        if (function is not null) *(ulong*)(attributes + 56) = (ulong)name;
        var descriptor = (int)Call(CallNumber, attributes, -1, processor, -1, CloseOnExec);
        if (descriptor < 0) return -Libc.Error;
        var text = Encoding.ASCII.GetBytes(filter + '\0');
        fixed (byte* start = text)
        {
            if ((filter.Length == 0 || Control(descriptor, SetFilter, (nint)start) == 0) && Control(descriptor, Enable, 0) == 0) return descriptor;
        }

        var error = Libc.Error;
        _ = Libc.Close(descriptor);
        return -error;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long Call(long number, byte* attributes, long process, long processor, long group, long flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(int descriptor, nuint request, nint argument);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);
}
