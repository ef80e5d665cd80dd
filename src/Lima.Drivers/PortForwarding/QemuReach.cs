using System.Net;
using System.Net.Sockets;

namespace Lima.Drivers.PortForwarding;

/// <summary>
/// Whether what QEMU forwards reaches the guest's programs. A guest that filters what comes from its network would let connections
/// hang that another way brings to the same program; it is found out on a port where nothing listens: who does not filter refuses at once.
/// No program of the guest notices.
/// </summary>
internal sealed class QemuReach(TimeProvider time)
{
    // Assigned to a service that nobody runs any more.
    private const int NobodysPort = 1;
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(2), GoodFor = TimeSpan.FromMinutes(1), BadFor = TimeSpan.FromMinutes(5);

    private long _asked;
    private bool? _answer;

    /// <summary>The answer, at most some minutes old.</summary>
    public async Task<bool> AskAsync(QemuMonitor monitor, CancellationToken cancel)
    {
        if (_answer is { } known && time.GetElapsedTime(_asked) < (known ? GoodFor : BadFor)) return known;
        var probe = await monitor.AddAsync(new QemuRule("127.0.0.1", 0, NobodysPort), cancel);
        try
        {
            _answer = await IsRefusedAsync(probe.HostPort, cancel);
            _asked = time.GetTimestamp();
            return _answer.Value;
        }
        finally
        {
            await monitor.RemoveAsync(probe, cancel);
        }
    }

    // QEMU accepts, asks the guest, and ends the connection when the guest refuses.
    private async Task<bool> IsRefusedAsync(int port, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(AnswerLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, either.Token);
            return await socket.ReceiveAsync(new byte[1], SocketFlags.None, either.Token) == 0;
        }
        catch (SocketException)
        {
            return true;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return false;
        }
    }
}
