using System.Net;
using System.Net.Sockets;
using Lima.Domain.PortForwarding;

namespace Lima.Domain.Agent;

/// <summary>An address and a port: u8 family (4, 6), 4 or 16 bytes of address, u16 port.</summary>
internal static class AgentAddress
{
    public const int BytesMax = 19;

    private const byte V4 = 4, V6 = 6;

    /// <exception cref="ArgumentException">It is no address, or no port.</exception>
    public static void Write(ref AgentPen pen, string ip, int port)
    {
        if (!IPAddress.TryParse(ip, out var address)) throw new ArgumentException($"`{ip}` is no address", nameof(ip));
        if (port is < 1 or > ushort.MaxValue) throw new ArgumentOutOfRangeException(nameof(port));
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var count);
        pen.U8(address.AddressFamily == AddressFamily.InterNetwork ? V4 : V6);
        pen.Bytes(bytes[..count]);
        pen.U16((ushort)port);
    }

    /// <summary>Reads it; an address of IPv4 in IPv6's clothes is one of IPv4.</summary>
    public static ForwardEnd Read(ref AgentCursor cursor)
    {
        var family = cursor.U8();
        if (family is not (V4 or V6)) cursor.Fail();
        var bytes = cursor.Take(family == V4 ? 4 : 16);
        var port = cursor.U16();
        if (port == 0) cursor.Fail();
        if (bytes.IsEmpty) return default;
        var address = new IPAddress(bytes);
        return new ForwardEnd((address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString(), port);
    }
}
