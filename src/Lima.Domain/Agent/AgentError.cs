namespace Lima.Domain.Agent;

/// <summary>Why what has come is not the protocol.</summary>
public enum AgentError
{
    /// <summary>It is.</summary>
    None,
    /// <summary>No header where one must be: the other side begins anew, or something has been lost.</summary>
    BadMagic,
    /// <summary>A type that is unknown, or not the sender's to send.</summary>
    BadType,
    /// <summary>Flags that this version does not have.</summary>
    BadFlags,
    /// <summary>A frame is missing, or is there twice.</summary>
    BadSequence,
    /// <summary>A payload longer than allowed.</summary>
    TooLong,
    /// <summary>A payload that its type cannot have.</summary>
    BadPayload,
    /// <summary>A stream that is not there, or cannot be what is said of it.</summary>
    BadStream,
    /// <summary>More bytes than were granted.</summary>
    BeyondWindow,
    /// <summary>More news than anybody can want.</summary>
    TooMuch,
}
