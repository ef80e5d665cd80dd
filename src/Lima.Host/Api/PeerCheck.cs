using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Lima.Host.Api;

/// <summary>Lets only this user (and root) in, whatever the modes of the socket's path say.</summary>
internal static partial class PeerCheck
{
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;

    /// <summary>Closes a connection of any other user before a byte is read.</summary>
    public static ConnectionDelegate Guard(ConnectionDelegate next) => connection =>
    {
        var socket = connection.Features.Get<IConnectionSocketFeature>()?.Socket;
        if (socket is not null && IsAllowed(Uid(socket), getuid())) return next(connection);
        connection.Abort(new ConnectionAbortedException("another user's connection was refused"));
        return Task.CompletedTask;
    };

    /// <summary>Who may come in: the user whose host this is, and root, who could anyway.</summary>
    internal static bool IsAllowed(uint? peer, uint own) => peer is { } uid && (uid == own || uid == 0);

    private static uint? Uid(System.Net.Sockets.Socket socket)
    {
        // struct ucred { pid, uid, gid }, 32 bits each.
        var credentials = new byte[12];
        return socket.GetRawSocketOption(SolSocket, SoPeerCred, credentials) == credentials.Length ? BitConverter.ToUInt32(credentials, 4) : null;
    }

    [LibraryImport("libc")]
    private static partial uint getuid();
}
