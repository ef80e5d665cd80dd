using System.Buffers;
using System.Net.Sockets;

namespace Lima.Drivers.PortForwarding;

/// <summary>
/// Joins two connections. Each direction ends by itself: when one side has said all, the other is told so and may go on
/// speaking. Who reads slowly slows down who writes. A connection that is silent holds no buffer.
/// </summary>
internal static class Splice
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>Runs until both directions have ended, or one has failed; closes both.</summary>
    public static async Task RunAsync(Socket one, Socket other, CancellationToken cancel)
    {
        await using var stop = cancel.Register(() => Abort(one, other));
        var there = PumpAsync(one, other);
        var back = PumpAsync(other, one);
        await Task.WhenAll(there, back);
        one.Dispose();
        other.Dispose();
    }

    /// <summary>Ends a connection so that its other side learns that something failed.</summary>
    public static void Abort(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It has ended already.
        }

        socket.Dispose();
    }

    private static void Abort(Socket one, Socket other)
    {
        Abort(one);
        Abort(other);
    }

    private static async Task PumpAsync(Socket from, Socket to)
    {
        try
        {
            while (await PassOnAsync(from, to))
            {
                // Until the end.
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The other direction waits for what cannot come any more.
            Abort(from, to);
        }
    }

    /// <summary>Waits for data and passes on all there is; false at the end.</summary>
    private static async ValueTask<bool> PassOnAsync(Socket from, Socket to)
    {
        await from.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            do
            {
                var count = await from.ReceiveAsync(buffer.AsMemory(), SocketFlags.None);
                if (count == 0) return false;
                for (var sent = 0; sent < count;) sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), SocketFlags.None);
            }
            while (from.Available > 0);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
