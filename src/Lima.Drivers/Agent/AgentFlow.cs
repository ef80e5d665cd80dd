using System.Net;
using System.Net.Sockets;
using Lima.Domain.Agent;
using Lima.Domain.PortForwarding;

namespace Lima.Drivers.Agent;

/// <summary>The datagrams between one client of the host and one port of the guest.</summary>
internal sealed class AgentFlow(AgentSession session, uint id, UdpForward owner, Socket socket, SocketAddress client) : IAgentStream
{
    private int _isOver;

    /// <summary>Whose datagrams they are.</summary>
    public SocketAddress Client => client;

    /// <summary>Whether it has ended.</summary>
    public bool IsOver => Volatile.Read(ref _isOver) == 1;

    /// <summary>When something was last said; the owner's.</summary>
    public long Heard { get; set; }

    /// <summary>Asks for the guest's end. Datagrams may follow at once; if there is none they are lost.</summary>
    public void Open(ForwardEnd guest) => session.Post(AgentFrameType.Open, id, new AgentOpen(AgentOpenKind.Udp, guest, 0));

    /// <summary>Passes on what the client says.</summary>
    public void Send(ReadOnlySpan<byte> bytes) => session.PostDatagram(id, bytes);

    /// <inheritdoc/>
    public AgentError Take(AgentFrameType type, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case AgentFrameType.Opened:
                return AgentWindow.TryRead(payload, out _) ? AgentError.None : AgentError.BadPayload;
            case AgentFrameType.Datagram:
                Answer(payload);
                return AgentError.None;
            case AgentFrameType.Refused or AgentFrameType.Reset:
                Over();
                return AgentError.None;
            default:
                return AgentError.BadStream;
        }
    }

    /// <inheritdoc/>
    public void Lost() => Over();

    /// <summary>Ends it at this side.</summary>
    public void End()
    {
        if (Over()) session.Post(AgentFrameType.Reset, id);
    }

    private bool Over()
    {
        if (Interlocked.Exchange(ref _isOver, 1) == 1) return false;
        session.Forget(id);
        owner.Forget(this);
        return true;
    }

    private void Answer(ReadOnlySpan<byte> bytes)
    {
        owner.Touch(this);
        try
        {
            socket.SendTo(bytes, SocketFlags.None, client);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The client has gone, or takes nothing now: as in any network.
        }
    }
}
