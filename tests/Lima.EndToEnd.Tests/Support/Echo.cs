using System.Net;
using System.Net.Sockets;

namespace Lima.EndToEnd.Tests.Support;

/// <summary>Both sides of a conversation in which everything that was said comes back.</summary>
internal static class Echo
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    /// <summary>A port of 127.0.0.1.</summary>
    public static EndPoint Port(int port) => new IPEndPoint(IPAddress.Loopback, port);

    /// <summary>A port that nobody has at the moment.</summary>
    public static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    /// <summary>Whether nobody has a port on any address.</summary>
    public static bool IsFree(int port)
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(new IPEndPoint(IPAddress.Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>A socket file.</summary>
    public static EndPoint File(string path) => new UnixDomainSocketEndPoint(path);

    /// <summary>Serves a socket file of the host until disposed.</summary>
    public static IDisposable Serve(string path)
    {
        var server = Open(File(path));
        server.Bind(File(path));
        server.Listen(512);
        _ = ServeAsync(server);
        return server;
    }

    /// <summary>Says all, closes that direction, and reads what comes back until the other side ends.</summary>
    public static async Task<byte[]> ExchangeAsync(EndPoint end, byte[] data)
    {
        using var deadline = new CancellationTokenSource(Limit);
        using var socket = Open(end);
        await socket.ConnectAsync(end, deadline.Token);
        await using var stream = new NetworkStream(socket);
        var back = new MemoryStream();
        var reading = stream.CopyToAsync(back, deadline.Token);
        await stream.WriteAsync(data, deadline.Token);
        socket.Shutdown(SocketShutdown.Send);
        await reading;
        return back.ToArray();
    }

    /// <summary>A connection that has answered once and stays open.</summary>
    public static async Task<Socket> OpenAsync(EndPoint end)
    {
        var socket = Open(end);
        await socket.ConnectAsync(end).WaitAsync(Limit);
        Assert.True(await AnswersOnceAsync(socket));
        return socket;
    }

    /// <summary>Whether what is said on an open connection comes back.</summary>
    public static async Task<bool> AnswersOnceAsync(Socket socket)
    {
        await socket.SendAsync(new byte[] { 42 });
        var back = new byte[1];
        return await socket.ReceiveAsync(back).WaitAsync(Limit) == 1 && back[0] == 42;
    }

    /// <summary>Tries until it answers; fails the test when it never does.</summary>
    public static async Task AnswersAsync(EndPoint end)
    {
        byte[] said = [4, 2];
        using var deadline = new CancellationTokenSource(Limit);
        while (true)
        {
            try
            {
                var back = await ExchangeAsync(end, said);
                if (back.SequenceEqual(said)) return;
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                // Not there yet.
            }

            Assert.False(deadline.IsCancellationRequested, $"{end} does not answer");
            await Task.Delay(200);
        }
    }

    /// <summary>Tries until nobody is there; fails the test when somebody stays.</summary>
    public static async Task IsGoneAsync(EndPoint end)
    {
        using var deadline = new CancellationTokenSource(Limit);
        while (true)
        {
            try
            {
                using var socket = Open(end);
                await socket.ConnectAsync(end);
            }
            catch (SocketException)
            {
                return;
            }

            Assert.False(deadline.IsCancellationRequested, $"{end} is still there");
            await Task.Delay(200);
        }
    }

    private static Socket Open(EndPoint end) => new(end.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);

    private static async Task ServeAsync(Socket server)
    {
        try
        {
            while (true)
            {
                var client = await server.AcceptAsync();
                _ = Task.Run(async () =>
                {
                    await using var stream = new NetworkStream(client, ownsSocket: true);
                    await stream.CopyToAsync(stream);
                });
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }
}
