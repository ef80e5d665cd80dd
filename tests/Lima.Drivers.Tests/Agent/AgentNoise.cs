using Lima.Domain.Agent;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;

namespace Lima.Drivers.Tests.Agent;

/// <summary>Things that a guest might say: proper, improper, and nonsense.</summary>
internal static class AgentNoise
{
    public static void Say(GuestPeer peer, Random random)
    {
        var stream = (uint)random.Next(0, 40);
        var bytes = new byte[random.Next(0, 200)];
        random.NextBytes(bytes);
        switch (random.Next(200))
        {
            case 0:
                peer.SendBytes(bytes);
                break;
            case 1:
                peer.Skip();
                break;
            case 2:
                peer.SendHeader((AgentFrameType)random.Next(256), stream, (uint)random.NextInt64(uint.MaxValue));
                break;
            case 3:
                peer.Send((AgentFrameType)random.Next(0, 30), stream, bytes);
                break;
            case 4:
                peer.Send(AgentFrameType.Leaving, 0);
                break;
            case < 20:
                peer.Send(AgentFrameType.Listeners, 0, AgentListeners.Of((uint)random.Next(), [new GuestListener(PortProtocol.Udp, "::1", random.Next(1, 65536))]));
                break;
            case < 60:
                peer.Send(AgentFrameType.Window, stream | 2, new AgentWindow((uint)random.Next()));
                break;
            case < 100:
                peer.Send(AgentFrameType.Opened, stream & ~1u | 2, new AgentWindow((uint)random.Next()));
                break;
            case < 110:
                peer.Send(AgentFrameType.Accepted, stream | 1, new AgentAccepted(stream, 100));
                break;
            case < 120:
                peer.Send(random.Next(2) == 0 ? AgentFrameType.End : AgentFrameType.Reset, stream & ~1u | 2);
                break;
            default:
                peer.Send(AgentFrameType.Data, stream & ~1u | 2, bytes);
                break;
        }
    }
}
