namespace Lima.Domain.Agent;

/// <summary>A payload with a form of its own.</summary>
public interface IAgentPayload<T>
    where T : IAgentPayload<T>
{
    /// <summary>The most bytes that it can have.</summary>
    static abstract int BytesMax { get; }

    /// <summary>Writes it; returns how many bytes it has.</summary>
    /// <exception cref="ArgumentException">It breaks a rule of the protocol, or there is no room for it.</exception>
    int Write(Span<byte> to);

    /// <summary>Reads it from exactly these bytes. What the other side can send never throws; false when it is not such a payload.</summary>
    static abstract bool TryRead(ReadOnlySpan<byte> from, out T payload);
}
