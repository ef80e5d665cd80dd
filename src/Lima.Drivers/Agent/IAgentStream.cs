using Lima.Domain.Agent;

namespace Lima.Drivers.Agent;

/// <summary>One stream of a session, as its reader sees it.</summary>
internal interface IAgentStream
{
    /// <summary>Takes a frame, without waiting. What cannot be ends the session.</summary>
    AgentError Take(AgentFrameType type, ReadOnlySpan<byte> payload);

    /// <summary>The session has ended.</summary>
    void Lost();
}
