using Lima.Domain.Agent;

namespace Lima.GuestAgent.Tunnels;

/// <summary>What one stream of a session is in the guest. It takes itself out of the table when it is over.</summary>
internal interface ITunnel
{
    /// <summary>What the host says of it; the reason when it may not say that.</summary>
    AgentError Take(AgentFrameType type, ReadOnlySpan<byte> payload);

    /// <summary>The session has ended: gives back all that it holds and says nothing.</summary>
    void Drop();
}
