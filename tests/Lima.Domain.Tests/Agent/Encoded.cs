using System.Collections.Immutable;
using Lima.Domain.Agent;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;

namespace Lima.Domain.Tests.Agent;

/// <summary>One frame, and the bytes of it.</summary>
internal sealed record Sample(AgentFrameType Type, uint Stream, byte[] Payload, Func<byte[], bool> Reads);

/// <summary>A payload of each type, and sessions made of them.</summary>
internal static class Encoded
{
    public static readonly ImmutableArray<GuestListener> Listeners =
    [
        new(PortProtocol.Tcp, "0.0.0.0", 80), new(PortProtocol.Tcp, "::", 80), new(PortProtocol.Tcp, "::", 81) { TakesIPv4 = true }, new(PortProtocol.Udp, "127.0.0.1", 53), new(PortProtocol.Tcp, "fe80::1", 65535),
    ];

    public static ImmutableArray<Sample> All { get; } =
    [
        Of(AgentFrameType.Hello, 0, new AgentHello(1, UInt128.MaxValue - 5, 1_700_000_000_000_000_000)),
        Of(AgentFrameType.Welcome, 0, new AgentWelcome(1, 7, UInt128.MaxValue, "2.0 é", 3)),
        Of(AgentFrameType.Ping, 0, new AgentNumber(ulong.MaxValue)),
        Of(AgentFrameType.Pong, 0, new AgentNumber(1)),
        Of(AgentFrameType.Listeners, 0, new AgentListeners(4, true, Listeners)),
        Of(AgentFrameType.Watch, 0, new AgentWatch(true)),
        Of(AgentFrameType.Open, 2, new AgentOpen(AgentOpenKind.Tcp, new ForwardEnd("127.0.0.1", 80), 1 << 18)),
        Of(AgentFrameType.Open, 4, new AgentOpen(AgentOpenKind.Udp, new ForwardEnd("::1", 65535), 0)),
        Of(AgentFrameType.Open, 6, new AgentOpen(AgentOpenKind.Unix, ForwardEnd.OfSocket("/run/é.sock"), 9)),
        Of(AgentFrameType.Opened, 2, new AgentWindow(1)),
        Of(AgentFrameType.Refused, 4, new AgentRefusal(111, "connection refused")),
        new(AgentFrameType.Data, 2, [1, 2, 3], _ => true),
        Of(AgentFrameType.Window, 2, new AgentWindow(uint.MaxValue)),
        new(AgentFrameType.End, 2, [], _ => true),
        new(AgentFrameType.Reset, 6, [], _ => true),
        new(AgentFrameType.Datagram, 8, [0], _ => true),
        Of(AgentFrameType.Listen, 10, new AgentListen("/run/user/1000/agent.sock")),
        new(AgentFrameType.Listening, 10, [], _ => true),
        Of(AgentFrameType.Accepted, 1, new AgentAccepted(10, 1 << 18)),
        Of(AgentFrameType.Time, 0, new AgentNumber(1_700_000_000_000_000_000)),
        Of(AgentFrameType.Timed, 0, new AgentTimed(-5_000_000_000, true)),
        new(AgentFrameType.Status, 0, [], _ => true),
        Of(AgentFrameType.StatusIs, 0, new AgentStatus(150, 1 << 30, 1 << 29, 12345)),
        new(AgentFrameType.Leaving, 0, [], _ => true),
        Of(AgentFrameType.Services, 0, new AgentListeners(1, false, [])),
    ];

    /// <summary>What the side sends: a sync word, and all its types.</summary>
    public static byte[] Session(AgentSide side) => Session(All.Where(s => side.MaySend(s.Type)));

    public static byte[] Session(IEnumerable<Sample> samples)
    {
        var bytes = new List<byte>(AgentProtocol.SyncWord.ToArray());
        var sequence = 0u;
        foreach (var sample in samples) bytes.AddRange(Frame(sample, sequence++));
        return [.. bytes];
    }

    public static byte[] Frame(Sample sample, uint sequence)
    {
        var frame = new byte[AgentProtocol.HeaderBytes + sample.Payload.Length];
        AgentFrame.WriteHeader(frame, sample.Type, sequence, sample.Stream, sample.Payload.Length);
        sample.Payload.CopyTo(frame, AgentProtocol.HeaderBytes);
        return frame;
    }

    private static Sample Of<T>(AgentFrameType type, uint stream, T payload)
        where T : IAgentPayload<T>
    {
        var room = new byte[AgentProtocol.HeaderBytes + T.BytesMax];
        var count = AgentFrame.Write(room, type, 0, stream, payload);
        return new Sample(type, stream, room[AgentProtocol.HeaderBytes..count], Reads<T>);
    }

    private static bool Reads<T>(byte[] bytes)
        where T : IAgentPayload<T>
    {
        if (!T.TryRead(bytes, out var payload)) return false;
        // What can be read can be written, to the same effect.
        var room = new byte[T.BytesMax];
        return T.TryRead(room.AsSpan(0, payload.Write(room)), out _);
    }
}
