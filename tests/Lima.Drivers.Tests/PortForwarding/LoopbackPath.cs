using System.Net;
using System.Net.Sockets;
using Lima.Domain.PortForwarding;
using Lima.Drivers.PortForwarding;

namespace Lima.Drivers.Tests.PortForwarding;

/// <summary>A "guest" in this process: whoever connects is served by a function.</summary>
internal sealed class LoopbackPath : IGuestPath, IAsyncDisposable
{
    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    public LoopbackPath(Func<NetworkStream, Task> serve)
    {
        _server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _server.Listen(1024);
        _serving = ServeAsync(serve);
    }

    public string Name => "loopback";

    public bool IsUp { get; set; } = true;

    public List<ForwardEnd> Asked { get; } = [];

    public bool Carries(ForwardEnd guest) => true;

    public async Task CarryAsync(Socket client, ForwardEnd guest, CancellationToken cancel)
    {
        lock (Asked) Asked.Add(guest);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(_server.LocalEndPoint!, cancel);
        await Splice.RunAsync(client, socket, cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _server.Dispose();
        await _serving;
    }

    private async Task ServeAsync(Func<NetworkStream, Task> serve)
    {
        try
        {
            while (true)
            {
                var client = await _server.AcceptAsync(_stop.Token);
                _ = Task.Run(async () =>
                {
                    await using var stream = new NetworkStream(client, ownsSocket: true);
                    await serve(stream);
                });
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }
}
