namespace Lima.Domain.Agent;

/// <summary>Who sends.</summary>
public enum AgentSide
{
    /// <summary>The host.</summary>
    Host,
    /// <summary>The guest's agent.</summary>
    Guest,
}

/// <summary>Which types of frames each side may send.</summary>
public static class AgentSides
{
    private const uint Both =
        1u << (int)AgentFrameType.Ping | 1u << (int)AgentFrameType.Pong | 1u << (int)AgentFrameType.Opened | 1u << (int)AgentFrameType.Data
        | 1u << (int)AgentFrameType.Window | 1u << (int)AgentFrameType.End | 1u << (int)AgentFrameType.Reset | 1u << (int)AgentFrameType.Datagram;

    private const uint Host = Both
        | 1u << (int)AgentFrameType.Hello | 1u << (int)AgentFrameType.Watch | 1u << (int)AgentFrameType.Open | 1u << (int)AgentFrameType.Listen
        | 1u << (int)AgentFrameType.Time | 1u << (int)AgentFrameType.Status;

    private const uint Guest = Both
        | 1u << (int)AgentFrameType.Welcome | 1u << (int)AgentFrameType.Listeners | 1u << (int)AgentFrameType.Refused
        | 1u << (int)AgentFrameType.Listening | 1u << (int)AgentFrameType.Accepted | 1u << (int)AgentFrameType.Timed
        | 1u << (int)AgentFrameType.StatusIs | 1u << (int)AgentFrameType.Leaving | 1u << (int)AgentFrameType.Services;

    /// <summary>Whether a frame of that type is about a stream; the others are about the session, and their stream is 0.</summary>
    public static bool IsOfStream(this AgentFrameType type) => type is
        AgentFrameType.Open or AgentFrameType.Opened or AgentFrameType.Refused or AgentFrameType.Data or AgentFrameType.Window or AgentFrameType.End
        or AgentFrameType.Reset or AgentFrameType.Datagram or AgentFrameType.Listen or AgentFrameType.Listening or AgentFrameType.Accepted;

    /// <summary>Whether the side may send frames of that type; false for a type that does not exist.</summary>
    public static bool MaySend(this AgentSide side, AgentFrameType type) =>
        (int)type < 32 && ((side == AgentSide.Host ? Host : Guest) >> (int)type & 1) == 1;
}
