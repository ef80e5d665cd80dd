namespace Lima.Domain.Agent;

/// <summary>A number: that of a ping and of its answer, or a time.</summary>
public readonly record struct AgentNumber(ulong Value) : IAgentPayload<AgentNumber>
{
    /// <inheritdoc/>
    public static int BytesMax => 8;

    /// <inheritdoc/>
    public int Write(Span<byte> to)
    {
        var pen = new AgentPen(to);
        pen.U64(Value);
        return pen.Count;
    }

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> from, out AgentNumber payload)
    {
        var cursor = new AgentCursor(from);
        payload = new AgentNumber(cursor.U64());
        return cursor.IsWhole;
    }
}

/// <summary>Whether listeners are to be told.</summary>
public readonly record struct AgentWatch(bool On) : IAgentPayload<AgentWatch>
{
    /// <inheritdoc/>
    public static int BytesMax => 1;

    /// <inheritdoc/>
    public int Write(Span<byte> to)
    {
        var pen = new AgentPen(to);
        pen.U8(On ? (byte)1 : (byte)0);
        return pen.Count;
    }

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> from, out AgentWatch payload)
    {
        var cursor = new AgentCursor(from);
        payload = new AgentWatch(cursor.Flag());
        return cursor.IsWhole;
    }
}

/// <summary>How many (more) bytes of a stream the other side may send.</summary>
public readonly record struct AgentWindow(uint Bytes) : IAgentPayload<AgentWindow>
{
    /// <inheritdoc/>
    public static int BytesMax => 4;

    /// <inheritdoc/>
    public int Write(Span<byte> to)
    {
        var pen = new AgentPen(to);
        pen.U32(Bytes);
        return pen.Count;
    }

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> from, out AgentWindow payload)
    {
        var cursor = new AgentCursor(from);
        payload = new AgentWindow(cursor.U32());
        return cursor.IsWhole;
    }
}
