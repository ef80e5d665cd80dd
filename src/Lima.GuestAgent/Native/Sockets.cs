using System.Runtime.InteropServices;

namespace Lima.GuestAgent.Native;

/// <summary>Calls of the C library for sockets.</summary>
internal static unsafe partial class Sockets
{
    public const int Unix = 1, Inet = 2, Inet6 = 10, Netlink = 16;
    public const int Stream = 1, Datagram = 2, Raw = 3;
    public const int NoSignal = 0x4000, Truncated = 0x20;
    private const int SocketLevel = 1, ErrorOption = 4, LingerOption = 13, TcpLevel = 6, NoDelayOption = 1;

    /// <summary>A socket that never blocks and that children do not get; negative on failure.</summary>
    public static int Make(int family, int type, int protocol = 0) => Socket(family, type | Libc.NonBlocking | Libc.CloseOnExec, protocol);

    /// <summary>The failure that the socket holds, 0 for none; taken off it.</summary>
    public static int TakeError(int descriptor)
    {
        int error = 0, size = sizeof(int);
        return GetOption(descriptor, SocketLevel, ErrorOption, &error, &size) < 0 ? Libc.Error : error;
    }

    /// <summary>Closing it tells the peer of a failure instead of an end.</summary>
    public static void ResetOnClose(int descriptor)
    {
        var linger = 1L; // { on = 1, seconds = 0 }
        _ = SetOption(descriptor, SocketLevel, LingerOption, &linger, sizeof(long));
    }

    /// <summary>Small pieces leave at once.</summary>
    public static void NoDelay(int descriptor)
    {
        var on = 1;
        _ = SetOption(descriptor, TcpLevel, NoDelayOption, &on, sizeof(int));
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    public static partial int Connect(int descriptor, byte* address, int length);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(int descriptor, byte* address, int length);

    [LibraryImport("libc", EntryPoint = "listen", SetLastError = true)]
    public static partial int Listen(int descriptor, int backlog);

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    public static partial int Accept(int descriptor, byte* address, int* length, int flags);

    [LibraryImport("libc", EntryPoint = "shutdown", SetLastError = true)]
    public static partial int Shutdown(int descriptor, int how);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(int descriptor, byte* bytes, nint count, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(int descriptor, byte* bytes, nint count, int flags);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    private static partial int GetOption(int descriptor, int level, int option, void* value, int* size);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetOption(int descriptor, int level, int option, void* value, int size);
}
