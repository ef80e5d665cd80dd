using System.Buffers.Binary;
using System.Text;

namespace Lima.Domain.Networks;

/// <summary>
/// DHCP, from the side that gives. What a card gets was decided before it asked, so nothing has to be remembered from one message to the
/// next: an offer, a lease and its renewal are the same answer at any time, also from a host that has just come back.
/// </summary>
public static class Dhcp
{
    /// <summary>Ports of server and client.</summary>
    public const ushort ServerPort = 67, ClientPort = 68;

    /// <summary>For how long an address is given, in seconds: the clients ask again at half of it.</summary>
    public const uint LeaseSeconds = 24 * 3600;

    private const int HeaderSize = 236, Cookie = 0x63825363;
    private const byte Discover = 1, Offer = 2, Request = 3, Ack = 5, Nak = 6, Inform = 8;
    private const byte OptionMask = 1, OptionDns = 6, OptionDomain = 15, OptionBroadcast = 28, OptionAddress = 50, OptionTime = 51, OptionKind = 53, OptionServer = 54;

    /// <summary>The answer to a message of a card; null when there is none to give.</summary>
    /// <param name="message">The message, without the headers around it.</param>
    /// <param name="card">The card behind the port at which it came in.</param>
    /// <param name="address">That card's address.</param>
    /// <param name="plan">The network.</param>
    public static byte[]? Answer(ReadOnlySpan<byte> message, Mac card, Ipv4 address, NetworkPlan plan)
    {
        if (message.Length < HeaderSize + 4 || message[0] != 1 || message[1] != 1 || message[2] != Mac.Size) return null;
        if (BinaryPrimitives.ReadInt32BigEndian(message[HeaderSize..]) != Cookie || Mac.Read(message[28..]) != card) return null;
        var options = message[(HeaderSize + 4)..];
        if (Option(options, OptionServer) is { Length: Ipv4.Size } server && Ipv4.Read(server) != plan.Gateway) return null;
        if (Option(options, OptionKind) is not { Length: 1 } kind) return null;
        var held = Ipv4.Read(message[12..]);
        var asked = Option(options, OptionAddress) is { Length: Ipv4.Size } wish ? Ipv4.Read(wish) : held;
        return kind[0] switch
        {
            Discover => Frame(message, Offer, card, address, plan),
            Request when asked == address => Frame(message, Ack, card, address, plan),
            Request => Frame(message, Nak, card, default, plan),
            Inform when held == address => Frame(message, Ack, card, default, plan),
            _ => null,
        };
    }

    private static byte[] Frame(ReadOnlySpan<byte> message, byte kind, Mac card, Ipv4 given, NetworkPlan plan)
    {
        var answer = new byte[HeaderSize + 4 + 80];
        var bytes = answer.AsSpan();
        (bytes[0], bytes[1], bytes[2]) = (2, 1, Mac.Size);
        message.Slice(4, 4).CopyTo(bytes[4..]); // its number
        message.Slice(10, 2).CopyTo(bytes[10..]); // its flags
        if (kind != Nak) message.Slice(12, 4).CopyTo(bytes[12..]);
        given.Write(bytes[16..]);
        if (kind != Nak) plan.Gateway.Write(bytes[20..]);
        message.Slice(28, 16).CopyTo(bytes[28..]);
        BinaryPrimitives.WriteInt32BigEndian(bytes[HeaderSize..], Cookie);
        var rest = bytes[(HeaderSize + 4)..];
        Put(ref rest, OptionKind, [kind]);
        Put(ref rest, OptionServer, plan.Gateway);
        if (kind != Nak)
        {
            if (given.Value != 0) Put(ref rest, OptionTime, new Ipv4(LeaseSeconds));
            Put(ref rest, OptionMask, plan.Mask);
            Put(ref rest, OptionBroadcast, plan.Broadcast);
            // No router: this network leads nowhere else, and the guest's first card does.
            Put(ref rest, OptionDns, plan.Gateway);
            Put(ref rest, OptionDomain, Encoding.ASCII.GetBytes(NetworkPlan.SearchDomain));
        }

        rest[0] = byte.MaxValue;
        var (toCard, to) = Receiver(message, kind, card, given);
        return Packet.WriteUdp(toCard, plan.Gateway, ServerPort, to, ClientPort, answer);
    }

    // Who has its address already is told there; who does not, or asks for it, is told so that it hears it without one.
    private static (Mac Card, Ipv4 Address) Receiver(ReadOnlySpan<byte> message, byte kind, Mac card, Ipv4 given)
    {
        var held = Ipv4.Read(message[12..]);
        if (kind != Nak && held.Value != 0) return (card, held);
        var wantsBroadcast = (message[10] & 0x80) != 0;
        return kind == Nak || wantsBroadcast || given.Value == 0 ? (Mac.Broadcast, Ipv4.Broadcast) : (card, given);
    }

    private static ReadOnlySpan<byte> Option(ReadOnlySpan<byte> options, byte wanted)
    {
        while (options.Length >= 2 && options[0] != byte.MaxValue)
        {
            if (options[0] == 0)
            {
                options = options[1..];
                continue;
            }

            var length = options[1];
            if (length > options.Length - 2) return default;
            if (options[0] == wanted) return options.Slice(2, length);
            options = options[(2 + length)..];
        }

        return default;
    }

    private static void Put(ref Span<byte> rest, byte option, Ipv4 address)
    {
        Span<byte> bytes = stackalloc byte[Ipv4.Size];
        address.Write(bytes);
        Put(ref rest, option, bytes);
    }

    private static void Put(ref Span<byte> rest, byte option, scoped ReadOnlySpan<byte> value)
    {
        rest[0] = option;
        rest[1] = (byte)value.Length;
        value.CopyTo(rest[2..]);
        rest = rest[(2 + value.Length)..];
    }
}
