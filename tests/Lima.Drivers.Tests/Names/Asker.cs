using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Lima.Drivers.Tests.Names;

/// <summary>Asks a server of loopback, as a guest does.</summary>
internal static class Asker
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static async Task<byte[]> OverUdpAsync(int port, byte[] question)
    {
        using var client = new UdpClient();
        client.Connect(IPAddress.Loopback, port);
        await client.SendAsync(question);
        return (await client.ReceiveAsync().WaitAsync(Limit)).Buffer;
    }

    public static async Task<byte[]> OverTcpAsync(int port, byte[] question)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        return await OverTcpAsync(client.GetStream(), question);
    }

    public static async Task<byte[]> OverTcpAsync(Stream stream, byte[] question)
    {
        var length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)question.Length);
        await stream.WriteAsync((byte[])[.. length, .. question]);
        await stream.ReadExactlyAsync(length).AsTask().WaitAsync(Limit);
        var reply = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        await stream.ReadExactlyAsync(reply).AsTask().WaitAsync(Limit);
        return reply;
    }
}
