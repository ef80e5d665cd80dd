using System.Runtime.InteropServices;

namespace Lima.Drivers.Tests.Processes;

/// <summary>Lets a test play a process that was started with a descriptor left open.</summary>
internal static partial class Fcntl
{
    private const int SetFlags = 2;

    public static int ClearCloseOnExec(int descriptor) => Call(descriptor, SetFlags, 0);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Call(int descriptor, int command, nint argument);
}
