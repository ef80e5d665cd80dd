using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lima.Drivers.Processes;

/// <summary>The few calls of the C library that .NET has no words for. Linux only; numbers are the kernel's.</summary>
internal static unsafe partial class Native
{
    /// <summary><c>ESRCH</c>: no such process.</summary>
    public const int NoSuchProcess = 3;
    /// <summary><c>EINVAL</c>: for a pidfd, a number that is a thread's and no process's.</summary>
    public const int Invalid = 22;
    /// <summary><c>ENFILE</c>: the system has no descriptor left.</summary>
    public const int SystemOutOfFiles = 23;
    /// <summary><c>EMFILE</c>: we have no descriptor left.</summary>
    public const int OutOfFiles = 24;

    /// <summary>Run the child in a session of its own.</summary>
    public const short SpawnSetSession = 0x80;
    /// <summary>Give the child the default action for the signals in a set (.NET ignores SIGPIPE; a child must not).</summary>
    public const short SpawnSetSignalDefaults = 0x04;
    /// <summary>Give the child a signal mask.</summary>
    public const short SpawnSetSignalMask = 0x08;

    /// <summary>Room for any of glibc's or musl's opaque spawn structures (the largest has 336 bytes) and for a <c>sigset_t</c> (128).</summary>
    public const int OpaqueBytes = 1024;

    /// <summary>A socket, as <see cref="FileType"/>.</summary>
    public const int SocketFile = 0xC000;

    private const int FileTypeMask = 0xF000, CurrentDirectory = -100, StatusBytes = 256, StatusModeOffset = 28;
    private const uint StatusType = 1;
    private const int KeepSize = 1, PunchHole = 2;
    private const long PidfdSendSignal = 424;
    private const long PidfdOpen = 434;
    private const long PidfdGetDescriptor = 438;

    public static int OpenPidfd(int pid) => (int)Syscall(PidfdOpen, pid, 0, 0, 0);

    public static int SendSignal(int pidfd, int signal) => (int)Syscall(PidfdSendSignal, pidfd, signal, 0, 0);

    /// <summary>Changes the length of the queue of a socket on which another process listens; false where that is not allowed.</summary>
    public static bool Listen(int pid, int descriptor, int backlog)
    {
        using var process = new SafeFileHandle(OpenPidfd(pid), ownsHandle: true);
        if (process.IsInvalid) return false;
        using var socket = new SafeFileHandle((nint)Syscall(PidfdGetDescriptor, process.DangerousGetHandle(), descriptor, 0, 0), ownsHandle: true);
        return !socket.IsInvalid && Listen((int)socket.DangerousGetHandle(), backlog) == 0;
    }

    [LibraryImport("libc", EntryPoint = "listen")]
    private static partial int Listen(int socket, int backlog);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long Syscall(long number, long a, long b, long c, long d);

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int epoll, int operation, int descriptor, byte* change);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(int epoll, byte* events, int count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    public static partial int WaitPid(int pid, out int status, int options);

    [LibraryImport("libc", EntryPoint = "socketpair", SetLastError = true)]
    public static partial int SocketPair(int domain, int type, int protocol, Span<int> descriptors);

    /// <summary>Gives a part of a file back to the file system; it reads as zeros then. False when the file system cannot.</summary>
    public static bool GiveBack(SafeFileHandle file, long from, long count) =>
        OperatingSystem.IsLinux() && Allocate(file, PunchHole | KeepSize, from, count) == 0;

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int Allocate(SafeFileHandle file, int mode, long from, long count);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int Access(string path, int mode);

    /// <summary>The type of the file that a path names, its bits of <c>st_mode</c> (links are followed); -1 when there is none.</summary>
    public static int FileType(string path)
    {
        var status = stackalloc byte[StatusBytes];
        return Status(CurrentDirectory, path, 0, StatusType, status) == 0 ? *(ushort*)(status + StatusModeOffset) & FileTypeMask : -1;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Status(int directory, string path, int flags, uint mask, byte* status);

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Spawn(out int pid, string path, byte* actions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    public static partial int AttributesInit(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    public static partial int AttributesSetFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    public static partial int AttributesSetDefaults(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    public static partial int AttributesSetMask(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    public static partial int AttributesDestroy(byte* attributes);

    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    public static partial int SignalsNone(byte* signals);

    [LibraryImport("libc", EntryPoint = "sigfillset")]
    public static partial int SignalsAll(byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    public static partial int ActionsInit(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ActionsOpen(byte* actions, int descriptor, string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    public static partial int ActionsDuplicate(byte* actions, int from, int to);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addclose")]
    public static partial int ActionsClose(byte* actions, int descriptor);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addchdir_np", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ActionsChangeDirectory(byte* actions, string path);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    public static partial int ActionsDestroy(byte* actions);
}
