using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lima.GuestAgent.Native;

/// <summary>Addresses as the kernel wants them, and what is done with them.</summary>
internal static unsafe class KernelAddress
{
    /// <summary>Longest path of a unix socket, in bytes: the kernel's field with its closing zero.</summary>
    public const int PathMax = 107;

    /// <summary><c>sockaddr_in</c> or <c>sockaddr_in6</c>.</summary>
    public static byte[] Of(IPAddress address, int port)
    {
        var isOld = address.AddressFamily == AddressFamily.InterNetwork;
        var bytes = new byte[isOld ? 16 : 28];
        // The family stands in the order of bytes of the machine; all machines that there is a program for have the lower one first.
        bytes[0] = (byte)(isOld ? Sockets.Inet : Sockets.Inet6);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)port);
        address.TryWriteBytes(bytes.AsSpan(isOld ? 4 : 8), out _);
        return bytes;
    }

    /// <summary><c>sockaddr_un</c>; null when the path does not fit or is empty.</summary>
    public static byte[]? Of(string path)
    {
        var name = Encoding.UTF8.GetBytes(path);
        if (name.Length is 0 or > PathMax || name.Contains((byte)0)) return null;
        var bytes = new byte[2 + name.Length + 1];
        bytes[0] = Sockets.Unix;
        name.CopyTo(bytes, 2);
        return bytes;
    }

    /// <summary>0 when connected, otherwise the failure; <see cref="Errno.InProgress"/> when it takes its time.</summary>
    public static int Connect(int descriptor, byte[] address)
    {
        fixed (byte* start = address) return Sockets.Connect(descriptor, start, address.Length) == 0 ? 0 : Libc.Error;
    }

    /// <summary>0, or the failure.</summary>
    public static int Bind(int descriptor, byte[] address)
    {
        fixed (byte* start = address) return Sockets.Bind(descriptor, start, address.Length) == 0 ? 0 : Libc.Error;
    }
}
