using Lima.GuestAgent.Native;

namespace Lima.GuestAgent.Listeners;

/// <summary>Asks the kernel by netlink what listens. One thread at a time.</summary>
internal sealed class SockDiag : IListenerSource
{
    private const int NetlinkDiag = 4, BufferBytes = 32 * 1024, TornMax = 3;

    private static readonly (byte Family, byte Protocol, int State)[] Questions =
    [
        (SockDiagFormat.Inet, SockDiagFormat.Tcp, SockDiagFormat.Listen), (SockDiagFormat.Inet6, SockDiagFormat.Tcp, SockDiagFormat.Listen),
        (SockDiagFormat.Inet, SockDiagFormat.Udp, SockDiagFormat.Unconnected), (SockDiagFormat.Inet6, SockDiagFormat.Udp, SockDiagFormat.Unconnected),
    ];

    private readonly int _socket = Sockets.Make(Sockets.Netlink, Sockets.Raw, NetlinkDiag);
    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly List<Listening> _found = [];

    /// <inheritdoc/>
    public ListeningSet? Look()
    {
        _found.Clear();
        if (_socket < 0) return null;
        foreach (var (family, protocol, state) in Questions)
        {
            // A kernel without IPv6 has no answer for that, which is no failure of the others; without any for TCP there is no use in it.
            if (!Ask(family, protocol, state) && family == SockDiagFormat.Inet) return null;
        }

        return ListeningSet.Of(_found);
    }

    public void Dispose() => _ = Libc.Close(_socket);

    private bool Ask(byte family, byte protocol, int state)
    {
        var before = _found.Count;
        for (var attempt = 1; ; attempt++)
        {
            var isTorn = false;
            if (!AskOnce(family, protocol, state, ref isTorn)) return false;
            if (!isTorn || attempt == TornMax) return true;
            _found.RemoveRange(before, _found.Count - before);
        }
    }

    private bool AskOnce(byte family, byte protocol, int state, ref bool isTorn)
    {
        Span<byte> request = stackalloc byte[SockDiagFormat.RequestBytes];
        SockDiagFormat.WriteRequest(request, family, protocol, state);
        if (Descriptors.Send(_socket, request) < 0) return false;
        while (true)
        {
            // Never waits: the kernel has the next part ready when it hands out one.
            var count = Descriptors.Receive(_socket, _buffer);
            if (count <= 0) return false;
            var outcome = SockDiagFormat.Read(_buffer.AsSpan(0, count), protocol, _found, ref isTorn);
            if (outcome != SockDiagOutcome.More) return outcome == SockDiagOutcome.Done;
        }
    }
}
