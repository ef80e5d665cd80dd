using System.Net;
using System.Net.Sockets;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;
using Lima.Drivers.Processes;

namespace Lima.Drivers.PortForwarding;

/// <summary>Binds the host's ends of forwards, and says in the user's words why one cannot be bound.</summary>
internal static class HostSockets
{
    private const int Backlog = 1024;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode DirectoryMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;

    /// <summary>
    /// Listens on a port. <c>127.0.0.1</c> means <c>::1</c> too, and <c>0.0.0.0</c> and <c>::</c> mean each other, because a program that is told
    /// <c>localhost</c> may try either; where only the second cannot be had, the warning says so.
    /// </summary>
    public static (List<Socket> Sockets, string Warning) Listen(PortProtocol protocol, ForwardEnd end, HostEnds ends, string instance)
    {
        var first = Bind(protocol, end, ends, instance);
        var (second, warning) = ListenCompanion(protocol, end, ends, instance);
        return (second is null ? [first] : [first, second], warning);
    }

    /// <summary>The address that an end of the host means too; null when it means none besides itself.</summary>
    public static ForwardEnd? Companion(ForwardEnd end) => end.Ip switch
    {
        IpText.Loopback => end with { Ip = IpText.Loopback6 },
        IpText.Any => end with { Ip = IpText.Any6 },
        IpText.Any6 => end with { Ip = IpText.Any },
        _ => null,
    };

    /// <summary>Listens on the second address of an end alone; nothing where there is none, or it cannot be had.</summary>
    public static (Socket? Socket, string Warning) ListenCompanion(PortProtocol protocol, ForwardEnd end, HostEnds ends, string instance)
    {
        if (Companion(end) is not { } second || !Socket.OSSupportsIPv6) return (null, "");
        try
        {
            return (Bind(protocol, second, ends, instance), "");
        }
        catch (DriverException taken) when (taken.Cause.Code == "port-in-use")
        {
            return (null, $"only {end} is forwarded: {taken.Cause.Message}");
        }
        catch (DriverException)
        {
            return (null, ""); // A machine without IPv6.
        }
    }

    /// <summary>Finds out whether a port could be listened on, for another process that is to do it.</summary>
    /// <exception cref="DriverException">It could not.</exception>
    public static void Check(ForwardEnd end, HostEnds ends, string instance) => Bind(PortProtocol.Tcp, end, ends, instance, listens: false).Dispose();

    private static Socket Bind(PortProtocol protocol, ForwardEnd end, HostEnds ends, string instance, bool listens = true)
    {
        var address = IPAddress.Parse(end.Ip);
        var isUdp = protocol == PortProtocol.Udp;
        var socket = new Socket(address.AddressFamily, isUdp ? SocketType.Dgram : SocketType.Stream, isUdp ? ProtocolType.Udp : ProtocolType.Tcp);
        try
        {
            // IPv4 has a socket of its own.
            if (IpText.IsV6(end.Ip)) socket.DualMode = false;
            socket.Bind(new IPEndPoint(address, end.Port));
            if (listens && !isUdp) socket.Listen(Backlog);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw Problem(protocol, end, e, ends, instance);
        }
    }

    /// <summary>
    /// Listens on a socket file that its owner alone may use. It is made beside its place and renamed, so that nobody meets it with
    /// another mode. A file left behind by a process that has ended is replaced, anything else is left alone.
    /// </summary>
    public static async Task<Socket> ListenUnixAsync(string path, HostEnds ends, string instance, CancellationToken cancel)
    {
        var draft = Path.Combine(Path.GetDirectoryName(path)!, $".{Guid.NewGuid().ToString("N")[..8]}");
        if (System.Text.Encoding.UTF8.GetByteCount(path) > ForwardEnd.SocketBytesMax || System.Text.Encoding.UTF8.GetByteCount(draft) > ForwardEnd.SocketBytesMax)
            throw Failed(path, $"the path is longer than {ForwardEnd.SocketBytesMax} bytes", "choose a shorter one");
        if (await IsServedAsync(path, cancel))
        {
            var owner = ends.OwnerOf(PortProtocol.Tcp, ForwardEnd.OfSocket(path));
            throw InUse(path, owner, instance, "choose another `hostSocket`");
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, DirectoryMode);
            socket.Bind(new UnixDomainSocketEndPoint(draft));
            File.SetUnixFileMode(draft, OwnerOnly);
            socket.Listen(Backlog);
            File.Move(draft, path, overwrite: true);
            return socket;
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            socket.Dispose();
            Remove(draft);
            throw Failed(path, e.Message, "check that the directory is yours and can be written", e);
        }
    }

    /// <summary>Removes a socket file that nobody serves any more; one that somebody else has put there stays.</summary>
    public static async Task RemoveUnixAsync(string path)
    {
        try
        {
            if (!await IsServedAsync(path, CancellationToken.None)) Remove(path);
        }
        catch (DriverException)
        {
            // It is no socket: somebody else's file by now.
        }
    }

    /// <summary>Whether a process serves the socket.</summary>
    /// <exception cref="DriverException">There is a file that is no socket.</exception>
    private static async Task<bool> IsServedAsync(string path, CancellationToken cancel)
    {
        if (!File.Exists(path) && !Directory.Exists(path)) return false;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await probe.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused && IsSocket(path))
        {
            return false; // Its process has ended.
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressNotAvailable || !File.Exists(path))
        {
            return false; // Gone meanwhile.
        }
        catch (SocketException e)
        {
            throw Failed(path, IsSocket(path) ? e.Message : "there is a file that is no socket", "choose another `hostSocket`, or move the file away");
        }
    }

    private static bool IsSocket(string path) => Native.FileType(path) == Native.SocketFile;

    private static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What cannot be removed is replaced by the next one.
        }
    }

    private static DriverException Problem(PortProtocol protocol, ForwardEnd end, SocketException e, HostEnds ends, string instance) => e.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => InUse(
            end.ToString(), ends.OwnerOf(protocol, end), instance, "choose another `hostPort` or `hostIP`, or stop what uses it"),
        SocketError.AccessDenied => Privileged(end, e),
        SocketError.AddressNotAvailable => Failed(end.ToString(), $"the host has no address {end.Ip}", "choose another `hostIP`", e),
        _ => Failed(end.ToString(), e.Message, "", e),
    };

    private static DriverException Privileged(ForwardEnd end, SocketException e)
    {
        var first = PrivilegedPorts.FirstFree(UnprivilegedStart());
        return end.Port < first
            ? new DriverException("port-privileged", "forwarding a port", PrivilegedPorts.Message(end.Port, first), PrivilegedPorts.Hint(end.Port, first), e)
            : Failed(end.ToString(), e.Message, "", e);
    }

    private static string? UnprivilegedStart()
    {
        try
        {
            return File.ReadAllText("/proc/sys/net/ipv4/ip_unprivileged_port_start");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // Not Linux, or an old one.
        }
    }

    private static DriverException InUse(string end, string? owner, string instance, string hint) => new(
        "port-in-use", "forwarding a port",
        owner is null ? $"{end} of the host is in use by another program"
        : owner == instance ? $"{end} of the host is in use by another forward of this instance"
        : $"{end} of the host is in use by instance `{owner}`",
        hint);

    private static DriverException Failed(string end, string why, string hint, Exception? inner = null) =>
        new("forward-failed", "forwarding a port", $"{end} of the host cannot be listened on: {why}", hint, inner);
}
