using System.Net;
using System.Net.Sockets;
using Lima.Domain.PortForwarding;

namespace Lima.Drivers.Tests.Agent;

/// <summary>A TCP port of this machine that stands for one of a guest; each connection is served by a function.</summary>
internal sealed class ServedPort : IDisposable
{
    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public ServedPort(Func<Socket, Task> serve)
    {
        _server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _server.Listen(2048);
        _ = ServeAsync(serve);
    }

    public ForwardEnd End => new("127.0.0.1", ((IPEndPoint)_server.LocalEndPoint!).Port);

    /// <summary>Sends back what comes, and ends when it ends.</summary>
    public static async Task EchoAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        await stream.CopyToAsync(stream);
    }

    public void Dispose() => _server.Dispose();

    private async Task ServeAsync(Func<Socket, Task> serve)
    {
        try
        {
            while (true)
            {
                var client = await _server.AcceptAsync();
                _ = Task.Run(() => serve(client));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }
}
