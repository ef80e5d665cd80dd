using System.Net.Sockets;
using System.Text;

namespace Lima.EndToEnd.Tests.Support;

/// <summary>A client of a SOCKS 5 proxy, as small as can be.</summary>
internal static class Socks
{
    /// <summary>The first eight characters that a server behind the proxy says.</summary>
    public static async Task<string> GreetingAsync(int proxy, string host, int port, TimeSpan limit)
    {
        using var deadline = new CancellationTokenSource(limit);
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", proxy, deadline.Token);
        var stream = client.GetStream();
        var answer = new byte[10];
        await stream.WriteAsync(new byte[] { 5, 1, 0 }, deadline.Token);
        await stream.ReadExactlyAsync(answer.AsMemory(0, 2), deadline.Token);
        Assert.Equal(new byte[] { 5, 0 }, answer[..2]);
        await stream.WriteAsync((byte[])[5, 1, 0, 3, (byte)host.Length, .. Encoding.ASCII.GetBytes(host), (byte)(port >> 8), (byte)port], deadline.Token);
        await stream.ReadExactlyAsync(answer, deadline.Token);
        Assert.Equal(0, answer[1]);
        await stream.ReadExactlyAsync(answer.AsMemory(0, 8), deadline.Token);
        return Encoding.ASCII.GetString(answer, 0, 8);
    }
}
