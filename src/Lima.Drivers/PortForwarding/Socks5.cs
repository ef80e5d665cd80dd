using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Lima.Drivers.PortForwarding;

/// <summary>The client's part of SOCKS version 5, without a login.</summary>
internal static class Socks5
{
    private const byte Version = 5, NoLogin = 0, Connect = 1, V4 = 1, V6 = 4;

    /// <summary>Asks for a connection to the address; afterwards the socket is that connection.</summary>
    /// <exception cref="SocketException">The server ended the connection, or does not speak the protocol.</exception>
    public static async Task ConnectAsync(Socket socket, string ip, int port, CancellationToken cancel)
    {
        await SendAsync(socket, [Version, 1, NoLogin], cancel);
        var answer = await ReceiveAsync(socket, 2, cancel);
        if (answer[0] != Version || answer[1] != NoLogin) throw new SocketException((int)SocketError.ProtocolNotSupported);
        await SendAsync(socket, Request(ip, port), cancel);
        answer = await ReceiveAsync(socket, 4, cancel);
        if (answer[0] != Version || answer[1] != 0) throw new SocketException((int)SocketError.ConnectionRefused);
        // Address and port that the server connects from; of no use here.
        await ReceiveAsync(socket, (answer[3] == V6 ? 16 : 4) + 2, cancel);
    }

    internal static byte[] Request(string ip, int port)
    {
        var address = IPAddress.Parse(ip).GetAddressBytes();
        byte[] request = [Version, Connect, 0, address.Length == 4 ? V4 : V6, .. address, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(request.Length - 2), (ushort)port);
        return request;
    }

    private static async Task SendAsync(Socket socket, byte[] bytes, CancellationToken cancel)
    {
        for (var sent = 0; sent < bytes.Length;) sent += await socket.SendAsync(bytes.AsMemory(sent), SocketFlags.None, cancel);
    }

    private static async Task<byte[]> ReceiveAsync(Socket socket, int count, CancellationToken cancel)
    {
        var bytes = new byte[count];
        for (var got = 0; got < count;)
        {
            var read = await socket.ReceiveAsync(bytes.AsMemory(got), SocketFlags.None, cancel);
            if (read == 0) throw new SocketException((int)SocketError.ConnectionReset);
            got += read;
        }

        return bytes;
    }
}
