namespace Lima.Domain.Agent;

/// <summary>The host begins a session.</summary>
/// <param name="Version">Newest version that it speaks.</param>
/// <param name="Nonce">Recognises the answer among what an earlier session has left in the pipe.</param>
/// <param name="HostTime">Nanoseconds since 1970.</param>
public readonly record struct AgentHello(ushort Version, UInt128 Nonce, ulong HostTime) : IAgentPayload<AgentHello>
{
    /// <inheritdoc/>
    public static int BytesMax => 26;

    /// <inheritdoc/>
    public int Write(Span<byte> to)
    {
        var pen = new AgentPen(to);
        pen.U16(Version);
        pen.U128(Nonce);
        pen.U64(HostTime);
        return pen.Count;
    }

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> from, out AgentHello payload)
    {
        var cursor = new AgentCursor(from);
        payload = new AgentHello(cursor.U16(), cursor.U128(), cursor.U64());
        return cursor.IsWhole;
    }
}

/// <summary>The guest has begun it.</summary>
/// <param name="Version">Newest version that it speaks.</param>
/// <param name="Nonce">The host's.</param>
/// <param name="BootId">Changes with each boot of the guest.</param>
/// <param name="AgentVersion">Version of the agent's program, for people; at most <see cref="AgentProtocol.TextMax"/> bytes.</param>
/// <param name="Features">What it can beyond this version; bits that are not known say nothing.</param>
public readonly record struct AgentWelcome(ushort Version, UInt128 Nonce, UInt128 BootId, string AgentVersion, uint Features) : IAgentPayload<AgentWelcome>
{
    /// <inheritdoc/>
    public static int BytesMax => 40 + AgentProtocol.TextMax;

    /// <inheritdoc/>
    public int Write(Span<byte> to)
    {
        var pen = new AgentPen(to);
        pen.U16(Version);
        pen.U128(Nonce);
        pen.U128(BootId);
        pen.Text(AgentVersion, AgentProtocol.TextMax);
        pen.U32(Features);
        return pen.Count;
    }

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> from, out AgentWelcome payload)
    {
        var cursor = new AgentCursor(from);
        payload = new AgentWelcome(cursor.U16(), cursor.U128(), cursor.U128(), cursor.Text(AgentProtocol.TextMax), cursor.U32());
        return cursor.IsWhole;
    }
}
