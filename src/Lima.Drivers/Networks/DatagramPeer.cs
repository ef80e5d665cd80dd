using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Lima.Drivers.Networks;

/// <summary>
/// Names the receiver of a datagram socket, as often as need be. The framework's own way makes another socket, without its path, when an
/// earlier attempt has failed.
/// </summary>
internal static partial class DatagramPeer
{
    // Family and path; a zero ends it.
    private const int PathAt = 2, AddressSize = PathAt + 108;

    /// <summary>From here on what is sent goes to the socket of that path, and comes from there alone; false when nobody is there.</summary>
    public static bool Connect(Socket socket, string path)
    {
        Span<byte> address = stackalloc byte[AddressSize];
        address.Clear();
        MemoryMarshal.Write(address, (ushort)AddressFamily.Unix);
        return Encoding.UTF8.TryGetBytes(path, address[PathAt..^1], out _) && Connect(socket.SafeHandle, in address[0], AddressSize) == 0;
    }

    [LibraryImport("libc", EntryPoint = "connect")]
    private static partial int Connect(SafeHandle socket, in byte address, int size);
}
