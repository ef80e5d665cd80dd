using Lima.GuestAgent.Native;

namespace Lima.GuestAgent.Listeners;

/// <summary>News from the kernel, by netlink, that a UDP socket has ended, for which there is no event of tracing.</summary>
internal sealed unsafe class SocketEnds : IDisposable
{
    private const int NetlinkDiag = 4, NetlinkLevel = 270, AddMembership = 1;
    private static readonly int[] Groups = [2, 4]; // UDP of IPv4 and of IPv6

    private readonly byte[] _buffer = new byte[8 * 1024];

    private SocketEnds(int descriptor) => Descriptor = descriptor;

    /// <summary>To wait on.</summary>
    public int Descriptor { get; }

    /// <summary>Begins; null where the kernel does not tell.</summary>
    public static SocketEnds? Open()
    {
        var socket = Sockets.Make(Sockets.Netlink, Sockets.Raw, NetlinkDiag);
        if (socket < 0) return null;
        var joined = 0;
        foreach (var group in Groups)
        {
            var number = group;
            if (Sockets.SetOption(socket, NetlinkLevel, AddMembership, &number, sizeof(int)) == 0) joined++;
        }

        if (joined > 0) return new SocketEnds(socket);
        _ = Libc.Close(socket);
        return null;
    }

    /// <summary>Takes what has been told; whether one of the sockets may have been among those that are known.</summary>
    public bool Concerns(ListeningSet known)
    {
        var concerns = false;
        // Bounded, as new ones may come as fast as these are read.
        for (var left = 512; left > 0; left--)
        {
            var count = Descriptors.Receive(Descriptor, _buffer);
            if (count == -Errno.NoBuffers) concerns = true;
            else if (count <= 0) break;
            else concerns |= SockDiagFormat.PortOf(_buffer.AsSpan(0, count)) is > 0 and var port && known.MayHaveUdp(port);
        }

        return concerns;
    }

    public void Dispose() => _ = Libc.Close(Descriptor);
}
