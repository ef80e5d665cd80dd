using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Lima.GuestAgent.Listeners;

/// <summary>Messages of the kernel's <c>sock_diag</c>: what is asked, and what the answers mean. Pure.</summary>
internal static class SockDiagFormat
{
    public const byte Tcp = 6, Udp = 17, Inet = 2, Inet6 = 10;
    public const int RequestBytes = HeaderBytes + 56;
    /// <summary>States by their number in the kernel: a TCP socket that listens, a UDP socket that nobody is connected to.</summary>
    public const int Listen = 10, Unconnected = 7;

    private const int HeaderBytes = 16, SocketBytes = 72;
    private const ushort ErrorType = 2, DoneType = 3, ByFamily = 20;
    private const ushort Request = 0x1, Dump = 0x300, Interrupted = 0x10;
    // Far more than is ever told; a bound against a flood all the same.
    private const int FoundMax = 200_000;

    /// <summary>Asks for all sockets of a family and protocol that are in one state.</summary>
    public static void WriteRequest(Span<byte> request, byte family, byte protocol, int state)
    {
        request[..RequestBytes].Clear();
        Put(request, 0, RequestBytes);
        Put16(request, 4, ByFamily);
        Put16(request, 6, Request | Dump);
        request[HeaderBytes] = family;
        request[HeaderBytes + 1] = protocol;
        Put(request, HeaderBytes + 4, 1 << state);
    }

    /// <summary>Takes the sockets out of one datagram of the answer.</summary>
    /// <param name="isTorn">Set when sockets came and went meanwhile, so that some may be missing.</param>
    public static SockDiagOutcome Read(ReadOnlySpan<byte> answer, byte protocol, List<Listening> found, ref bool isTorn)
    {
        while (answer.Length >= HeaderBytes)
        {
            var length = Get(answer, 0);
            if (length < HeaderBytes || length > answer.Length) return SockDiagOutcome.Failed;
            isTorn |= (Get16(answer, 6) & Interrupted) != 0;
            switch (Get16(answer, 4))
            {
                case DoneType: return SockDiagOutcome.Done;
                case ErrorType: return SockDiagOutcome.Failed;
                case ByFamily:
                    if (found.Count < FoundMax && Socket(answer[HeaderBytes..length], protocol == Udp) is { } socket) found.Add(socket);
                    break;
            }

            answer = answer[Math.Min((length + 3) & ~3, answer.Length)..];
        }

        return SockDiagOutcome.More;
    }

    /// <summary>The local port of the socket that an unasked message (of its end) is about; 0 when it is about none.</summary>
    public static ushort PortOf(ReadOnlySpan<byte> message) =>
        message.Length >= HeaderBytes + SocketBytes && Get16(message, 4) == ByFamily ? Port(message[HeaderBytes..], 4) : (ushort)0;

    private static Listening? Socket(ReadOnlySpan<byte> socket, bool isUdp)
    {
        if (socket.Length < SocketBytes) return null;
        var port = Port(socket, 4);
        // A UDP socket that somebody is connected to listens to that one alone.
        if (port == 0 || Port(socket, 6) != 0) return null;
        return socket[0] switch
        {
            Inet => new Listening(port, isUdp, false, BinaryPrimitives.ReadUInt32BigEndian(socket[8..])),
            Inet6 => Listening.OfNew(port, isUdp, BinaryPrimitives.ReadUInt128BigEndian(socket[8..])),
            _ => null,
        };
    }

    private static ushort Port(ReadOnlySpan<byte> socket, int at) => BinaryPrimitives.ReadUInt16BigEndian(socket[at..]);

    // The headers are in the order of bytes of the machine.
    private static int Get(ReadOnlySpan<byte> bytes, int at) => MemoryMarshal.Read<int>(bytes[at..]);

    private static ushort Get16(ReadOnlySpan<byte> bytes, int at) => MemoryMarshal.Read<ushort>(bytes[at..]);

    private static void Put(Span<byte> bytes, int at, int value) => MemoryMarshal.Write(bytes[at..], value);

    private static void Put16(Span<byte> bytes, int at, ushort value) => MemoryMarshal.Write(bytes[at..], value);
}

/// <summary>What a datagram of an answer says of the whole.</summary>
internal enum SockDiagOutcome
{
    /// <summary>More comes.</summary>
    More,
    /// <summary>That was all.</summary>
    Done,
    /// <summary>The kernel does not answer this.</summary>
    Failed,
}
