using System.Net;
using System.Net.Sockets;

namespace Lima.Drivers.Names;

/// <summary>A name server on one port of this machine, over UDP and TCP. It has no thread of its own, and a few kilobytes of memory.</summary>
public sealed class NameServer : IDisposable
{
    private const int QuestionBytesMax = 1500;
    private const int ConnectionsMax = 16;
    private const int AnyPortTries = 20;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10), AfterFailure = TimeSpan.FromMilliseconds(100);
    private static readonly IPEndPoint Any = new(IPAddress.Any, 0);

    private readonly Socket _udp, _tcp;
    private readonly CancellationTokenSource _stopped = new();
    private volatile NameResponder _responder;
    private int _connections;

    private NameServer(Socket udp, Socket tcp, NameResponder responder)
    {
        (_udp, _tcp, _responder) = (udp, tcp, responder);
        Port = ((IPEndPoint)tcp.LocalEndPoint!).Port;
        _ = ServeDatagramsAsync();
        _ = ServeConnectionsAsync();
    }

    /// <summary>The port, the same one for UDP and TCP.</summary>
    public int Port { get; }

    /// <summary>Begins to serve on 127.0.0.1.</summary>
    /// <param name="port">The port; 0 for any.</param>
    /// <param name="responder">Who answers.</param>
    /// <exception cref="SocketException">The port cannot be had.</exception>
    public static NameServer Open(int port, NameResponder responder)
    {
        // One that is free for TCP need not be so for UDP.
        for (var tries = port == 0 ? AnyPortTries : 0; ; tries--)
        {
            try
            {
                return OpenOnce(port, responder);
            }
            catch (SocketException) when (tries > 0)
            {
                // The next one, then.
            }
        }
    }

    /// <summary>From now on somebody else answers.</summary>
    public void Use(NameResponder responder) => _responder = responder;

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopped.Cancel();
        _udp.Dispose();
        _tcp.Dispose();
    }

    private static NameServer OpenOnce(int port, NameResponder responder)
    {
        var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            tcp.Bind(new IPEndPoint(IPAddress.Loopback, port));
            tcp.Listen(ConnectionsMax);
            udp.Bind(new IPEndPoint(IPAddress.Loopback, ((IPEndPoint)tcp.LocalEndPoint!).Port));
            return new NameServer(udp, tcp, responder);
        }
        catch
        {
            tcp.Dispose();
            udp.Dispose();
            throw;
        }
    }

    private async Task ServeDatagramsAsync()
    {
        var buffer = new byte[QuestionBytesMax];
        while (!_stopped.IsCancellationRequested)
        {
            try
            {
                var received = await _udp.ReceiveFromAsync(buffer, SocketFlags.None, Any, _stopped.Token);
                _ = AnswerAsync(buffer.AsSpan(0, received.ReceivedBytes).ToArray(), received.RemoteEndPoint);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                await PauseAsync();
            }
        }
    }

    private async Task AnswerAsync(byte[] message, EndPoint asker)
    {
        try
        {
            if (await _responder.AnswerAsync(message, isUdp: true, _stopped.Token) is { } reply)
                await _udp.SendToAsync(reply, SocketFlags.None, asker, _stopped.Token);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // It asks again, or has gone.
        }
    }

    private async Task ServeConnectionsAsync()
    {
        while (!_stopped.IsCancellationRequested)
        {
            try
            {
                var client = await _tcp.AcceptAsync(_stopped.Token);
                _ = ServeAsync(client);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                await PauseAsync();
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        try
        {
            await using var stream = new NetworkStream(client, ownsSocket: true);
            if (Interlocked.Increment(ref _connections) > ConnectionsMax) return;
            using var idle = CancellationTokenSource.CreateLinkedTokenSource(_stopped.Token);
            do idle.CancelAfter(Idle);
            while (await AnswerNextAsync(stream, idle.Token));
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The other end has gone, or is slow on purpose.
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    }

    private async Task<bool> AnswerNextAsync(NetworkStream stream, CancellationToken cancel)
    {
        if (await TcpMessage.ReadAsync(stream, QuestionBytesMax, cancel) is not { } message) return false;
        if (await _responder.AnswerAsync(message, isUdp: false, cancel) is not { } reply) return false;
        await TcpMessage.WriteAsync(stream, reply, cancel);
        return true;
    }

    // What fails at once, again and again, must not keep a processor busy.
    private Task PauseAsync() => _stopped.IsCancellationRequested ? Task.CompletedTask : Task.Delay(AfterFailure);
}
