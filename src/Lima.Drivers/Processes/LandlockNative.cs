using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Lima.Drivers.Processes;

/// <summary>
/// The calls of a confined launch, without any marshalling: the thread that makes them must not need a file, nor cause
/// another thread to be made.
/// </summary>
[SuppressMessage("Interoperability", "SYSLIB1054", Justification = "Nothing is to be generated around these calls.")]
[SuppressMessage("Performance", "CA1838", Justification = "There are no strings.")]
internal static unsafe class LandlockNative
{
    public const int PathOnly = 0x200000;
    public const int CloseOnExec = 0x80000;
    public const int NoNewPrivileges = 38;
    public const int GetNoNewPrivileges = 39;
    public const long CreateRuleset = 444;
    public const long AddRule = 445;
    public const long RestrictSelf = 446;

    [DllImport("libc", EntryPoint = "syscall")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern long Call(long number, long a, long b, long c, long d);

    [DllImport("libc", EntryPoint = "prctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Control(int option, long a, long b, long c, long d);

    [DllImport("libc", EntryPoint = "posix_spawn")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Spawn(int* pid, byte* path, byte* actions, byte* attributes, byte** arguments, byte** environment);

    [DllImport("libc", EntryPoint = "open")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Open(byte* path, int flags);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Close(int descriptor);
}
