using System.Net.Sockets;
using Lima.Domain.Networks;
using Lima.Domain.Vms;

namespace Lima.Drivers.Tests.Networks;

/// <summary>A guest's card as QEMU has it: a socket that takes frames, and sends them to the path of the switch's port.</summary>
internal sealed class FakeCard : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly string _port;

    public FakeCard(string directory, string port, byte number, string vm = "")
    {
        _port = port;
        Card = new Mac(0x525555000000ul + number);
        var path = Path.Combine(directory, $"card{number}.sock");
        File.Delete(path);
        _socket.Bind(new UnixDomainSocketEndPoint(path));
        Member = new NetworkMember(new VmId($"00000000-0000-0000-0000-{number:d12}"), vm.Length > 0 ? vm : $"vm{number}", "dev", Card, path);
    }

    public Mac Card { get; }

    public NetworkMember Member { get; }

    /// <summary>A frame of a kind that nobody knows, with one byte in it.</summary>
    public byte[] Frame(Mac to, byte content = 1, int size = 60)
    {
        var frame = new byte[size];
        to.Write(frame);
        Card.Write(frame.AsSpan(Mac.Size));
        (frame[12], frame[13], frame[14]) = (0x88, 0xb5, content);
        return frame;
    }

    public void Send(byte[] frame) => _socket.SendTo(frame, new UnixDomainSocketEndPoint(_port));

    /// <summary>The next frame that comes.</summary>
    public async Task<byte[]> ReceiveAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        var buffer = new byte[Packet.SizeMax];
        return buffer[..await _socket.ReceiveAsync(buffer, limit.Token)];
    }

    /// <summary>Sends until the answer of the gateway shows that everything before has been handled; returns what came before it.</summary>
    public async Task<List<byte[]>> ReceivedSoFarAsync(NetworkPlan plan)
    {
        Send(Echo(plan));
        var received = new List<byte[]>();
        while (true)
        {
            var frame = await ReceiveAsync();
            if (Packet.From(frame) == NetworkPlan.GatewayMac) return received;
            received.Add(frame);
        }
    }

    private byte[] Echo(NetworkPlan plan)
    {
        var frame = Packet.WriteIp(NetworkPlan.GatewayMac, Packet.Icmp, plan.First, plan.Gateway, 8, out var at);
        frame[at] = 8;
        Card.Write(frame.AsSpan(Mac.Size));
        return frame;
    }

    public void Dispose() => _socket.Dispose();
}
