namespace Lima.Domain.Agent;

/// <summary>What a frame says. The numbers are the protocol's.</summary>
public enum AgentFrameType : byte
{
    /// <summary>Host: a session begins (<see cref="AgentHello"/>).</summary>
    Hello = 1,
    /// <summary>Guest: it has begun (<see cref="AgentWelcome"/>).</summary>
    Welcome = 2,
    /// <summary>Either: answer me (<see cref="AgentNumber"/>).</summary>
    Ping = 3,
    /// <summary>Either: the answer, with the same number (<see cref="AgentNumber"/>).</summary>
    Pong = 4,
    /// <summary>Guest: all that listens (<see cref="AgentListeners"/>).</summary>
    Listeners = 5,
    /// <summary>Host: whether listeners are to be told (<see cref="AgentWatch"/>).</summary>
    Watch = 6,
    /// <summary>Host: a stream to something in the guest (<see cref="AgentOpen"/>).</summary>
    Open = 7,
    /// <summary>The other side of the opener: the stream is there (<see cref="AgentWindow"/>).</summary>
    Opened = 8,
    /// <summary>Guest: it cannot be (<see cref="AgentRefusal"/>).</summary>
    Refused = 9,
    /// <summary>Either: bytes of a stream.</summary>
    Data = 10,
    /// <summary>Either: so many more bytes may be sent (<see cref="AgentWindow"/>).</summary>
    Window = 11,
    /// <summary>Either: this side sends no more.</summary>
    End = 12,
    /// <summary>Either: the stream has failed; both forget it.</summary>
    Reset = 13,
    /// <summary>Either: one datagram.</summary>
    Datagram = 14,
    /// <summary>Host: listen on a socket file of the guest (<see cref="AgentListen"/>).</summary>
    Listen = 15,
    /// <summary>Guest: it is listened on.</summary>
    Listening = 16,
    /// <summary>Guest: somebody has connected to it (<see cref="AgentAccepted"/>).</summary>
    Accepted = 17,
    /// <summary>Host: the right time (<see cref="AgentNumber"/>: nanoseconds since 1970).</summary>
    Time = 18,
    /// <summary>Guest: how wrong its clock was (<see cref="AgentTimed"/>).</summary>
    Timed = 19,
    /// <summary>Host: how are you?</summary>
    Status = 20,
    /// <summary>Guest: so (<see cref="AgentStatus"/>).</summary>
    StatusIs = 21,
    /// <summary>Guest: it shuts down.</summary>
    Leaving = 22,
    /// <summary>Guest: ports that are published by other means than a listener (<see cref="AgentListeners"/>).</summary>
    Services = 23,
}
