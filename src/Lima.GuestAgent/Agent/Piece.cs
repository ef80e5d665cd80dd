using Lima.Domain.Agent;

namespace Lima.GuestAgent.Agent;

/// <summary>What a source has put into the room it was given.</summary>
/// <param name="Type">What it is; 0 when it is nothing.</param>
/// <param name="Stream">Whose it is.</param>
/// <param name="Length">Its bytes.</param>
internal readonly record struct Piece(AgentFrameType Type, uint Stream, int Length);
