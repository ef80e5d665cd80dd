namespace Lima.Domain.Agent;

/// <summary>How the guest is.</summary>
/// <param name="Load">Load of the last minute, times 100.</param>
/// <param name="MemoryTotal">Bytes.</param>
/// <param name="MemoryAvailable">Bytes.</param>
/// <param name="Uptime">Milliseconds since its boot.</param>
public readonly record struct AgentStatus(uint Load, ulong MemoryTotal, ulong MemoryAvailable, ulong Uptime) : IAgentPayload<AgentStatus>
{
    /// <inheritdoc/>
    public static int BytesMax => 28;

    /// <inheritdoc/>
    public int Write(Span<byte> to)
    {
        var pen = new AgentPen(to);
        pen.U32(Load);
        pen.U64(MemoryTotal);
        pen.U64(MemoryAvailable);
        pen.U64(Uptime);
        return pen.Count;
    }

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> from, out AgentStatus payload)
    {
        var cursor = new AgentCursor(from);
        payload = new AgentStatus(cursor.U32(), cursor.U64(), cursor.U64(), cursor.U64());
        return cursor.IsWhole;
    }
}

/// <summary>What became of the guest's clock.</summary>
/// <param name="Offset">Guest's time minus host's before, in nanoseconds.</param>
/// <param name="Adjusted">Whether it was stepped.</param>
public readonly record struct AgentTimed(long Offset, bool Adjusted) : IAgentPayload<AgentTimed>
{
    /// <inheritdoc/>
    public static int BytesMax => 9;

    /// <inheritdoc/>
    public int Write(Span<byte> to)
    {
        var pen = new AgentPen(to);
        pen.U64(unchecked((ulong)Offset));
        pen.U8(Adjusted ? (byte)1 : (byte)0);
        return pen.Count;
    }

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> from, out AgentTimed payload)
    {
        var cursor = new AgentCursor(from);
        payload = new AgentTimed(unchecked((long)cursor.U64()), cursor.Flag());
        return cursor.IsWhole;
    }
}
