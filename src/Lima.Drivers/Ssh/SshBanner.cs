using System.Net.Sockets;

namespace Lima.Drivers.Ssh;

/// <summary>Looks for an SSH server by its greeting alone.</summary>
internal static class SshBanner
{
    // RFC 4253 lets a server say some lines before the one that counts.
    private const int BytesMax = 4096;

    /// <summary>True once the server has said that it speaks SSH 2; false when it refuses, says something else, or nothing in time.</summary>
    public static async Task<bool> AnswersAsync(string host, int port, TimeSpan limit, CancellationToken cancel)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(limit);
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(host, port, deadline.Token);
            return await GreetsAsync(socket, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return false;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task<bool> GreetsAsync(Socket socket, CancellationToken cancel)
    {
        var buffer = new byte[BytesMax];
        var length = 0;
        while (length < buffer.Length)
        {
            var count = await socket.ReceiveAsync(buffer.AsMemory(length), cancel);
            if (count == 0) return false;
            length += count;
            if (HasGreeting(buffer.AsSpan(0, length))) return true;
        }

        return false;
    }

    private static bool HasGreeting(ReadOnlySpan<byte> text) => text.StartsWith("SSH-2.0-"u8) || text.IndexOf("\nSSH-2.0-"u8) >= 0;
}
