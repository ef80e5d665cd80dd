using System.Net;
using System.Net.Sockets;

namespace Lima.Host;

/// <summary>
/// Makes the socket beside its place, closes it to others, and renames it: clients never see it with another mode, an old
/// one is replaced in one step, and .NET, which removes a socket by the name that it was bound to, takes no other host's away.
/// </summary>
internal static class HostSocket
{
    // As long as the socket's own name, since the system allows only short paths.
    private const string Draft = "api.next";

    /// <summary>A listening socket for Kestrel.</summary>
    /// <exception cref="IOException">The place is taken by something that cannot be replaced.</exception>
    public static Socket Bind(EndPoint endPoint)
    {
        var path = endPoint.ToString()!;
        var draft = Path.Combine(Path.GetDirectoryName(path)!, Draft);
        File.Delete(draft);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(draft));
            File.SetUnixFileMode(draft, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.Move(draft, path, overwrite: true);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
