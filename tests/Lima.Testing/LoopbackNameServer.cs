using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Lima.Testing;

/// <summary>A name server on loopback that replies what it is told to, over UDP and over TCP; null is no reply.</summary>
public sealed class LoopbackNameServer : IDisposable
{
    private readonly UdpClient _udp;
    private readonly TcpListener _tcp;
    private readonly Func<byte[], bool, byte[]?> _reply;

    /// <summary>Begins to serve.</summary>
    /// <param name="reply">The reply to a question; the flag is whether it came over UDP.</param>
    /// <param name="address">Address of loopback.</param>
    /// <param name="port">The port; 0 for any.</param>
    /// <exception cref="SocketException">The port cannot be had.</exception>
    public LoopbackNameServer(Func<byte[], bool, byte[]?> reply, string address = "127.0.0.1", int port = 0)
    {
        _reply = reply;
        (_tcp, _udp) = Open(IPAddress.Parse(address), port, tries: 20);
        _ = ServeDatagramsAsync();
        _ = ServeConnectionsAsync();
    }

    /// <summary>The port.</summary>
    public int Port => ((IPEndPoint)_tcp.LocalEndpoint).Port;

    /// <summary>What was asked, as it came; with whether it came over UDP.</summary>
    public ConcurrentQueue<(byte[] Question, bool IsUdp)> Asked { get; } = new();

    /// <inheritdoc/>
    public void Dispose()
    {
        _udp.Dispose();
        _tcp.Dispose();
    }

    // A port that is free for TCP need not be so for UDP.
    private static (TcpListener, UdpClient) Open(IPAddress address, int port, int tries)
    {
        var tcp = new TcpListener(address, port);
        try
        {
            tcp.Start();
            return (tcp, new UdpClient(new IPEndPoint(address, ((IPEndPoint)tcp.LocalEndpoint).Port)));
        }
        catch (SocketException) when (port == 0 && tries > 0)
        {
            tcp.Dispose();
            return Open(address, port, tries - 1);
        }
    }

    private byte[]? Reply(byte[] question, bool isUdp)
    {
        Asked.Enqueue((question, isUdp));
        return _reply(question, isUdp);
    }

    private async Task ServeDatagramsAsync()
    {
        try
        {
            while (true)
            {
                var received = await _udp.ReceiveAsync();
                if (Reply(received.Buffer, isUdp: true) is { } reply) await _udp.SendAsync(reply, received.RemoteEndPoint);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ServeConnectionsAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _tcp.AcceptTcpClientAsync();
                var stream = client.GetStream();
                var length = new byte[2];
                await stream.ReadExactlyAsync(length);
                var question = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
                await stream.ReadExactlyAsync(question);
                if (Reply(question, isUdp: false) is not { } reply) continue;
                BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)reply.Length);
                await stream.WriteAsync((byte[])[.. length, .. reply]);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            // Disposed.
        }
    }
}
