using Lima.Domain.PortForwarding;

namespace Lima.Domain.Agent;

/// <summary>What a stream leads to.</summary>
public enum AgentOpenKind : byte
{
    /// <summary>A TCP port.</summary>
    Tcp = 1,
    /// <summary>A socket file.</summary>
    Unix = 2,
    /// <summary>A UDP port.</summary>
    Udp = 3,
}

/// <summary>A stream to something in the guest; the frame's stream number is the host's choice, even and never used before in the session.</summary>
/// <param name="Kind">What it leads to.</param>
/// <param name="End">Address and port, or the path of the socket file.</param>
/// <param name="Window">Bytes that the guest may send before it is granted more; of no meaning for UDP.</param>
public readonly record struct AgentOpen(AgentOpenKind Kind, ForwardEnd End, uint Window) : IAgentPayload<AgentOpen>
{
    /// <inheritdoc/>
    public static int BytesMax => 7 + AgentProtocol.TextMax;

    /// <inheritdoc/>
    public int Write(Span<byte> to)
    {
        var pen = new AgentPen(to);
        pen.U8((byte)Kind);
        if (Kind == AgentOpenKind.Unix) pen.Path(End.Socket);
        else AgentAddress.Write(ref pen, End.Ip, End.Port);
        pen.U32(Window);
        return pen.Count;
    }

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> from, out AgentOpen payload)
    {
        var cursor = new AgentCursor(from);
        var kind = (AgentOpenKind)cursor.U8();
        if (kind is < AgentOpenKind.Tcp or > AgentOpenKind.Udp) cursor.Fail();
        var end = kind == AgentOpenKind.Unix ? ForwardEnd.OfSocket(cursor.Path()) : AgentAddress.Read(ref cursor);
        payload = new AgentOpen(kind, end, cursor.U32());
        return cursor.IsWhole;
    }
}

/// <summary>Listen on a socket file; the frame's stream stands for it until it is reset.</summary>
/// <param name="Path">Absolute path in the guest.</param>
public readonly record struct AgentListen(string Path) : IAgentPayload<AgentListen>
{
    /// <inheritdoc/>
    public static int BytesMax => 2 + AgentProtocol.TextMax;

    /// <inheritdoc/>
    public int Write(Span<byte> to)
    {
        var pen = new AgentPen(to);
        pen.Path(Path);
        return pen.Count;
    }

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> from, out AgentListen payload)
    {
        var cursor = new AgentCursor(from);
        payload = new AgentListen(cursor.Path());
        return cursor.IsWhole;
    }
}

/// <summary>Somebody has connected there; the frame's stream number is the guest's choice, odd and never used before in the session.</summary>
/// <param name="Listener">Stream of the listener.</param>
/// <param name="Window">Bytes that the host may send before it is granted more.</param>
public readonly record struct AgentAccepted(uint Listener, uint Window) : IAgentPayload<AgentAccepted>
{
    /// <inheritdoc/>
    public static int BytesMax => 8;

    /// <inheritdoc/>
    public int Write(Span<byte> to)
    {
        var pen = new AgentPen(to);
        pen.U32(Listener);
        pen.U32(Window);
        return pen.Count;
    }

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> from, out AgentAccepted payload)
    {
        var cursor = new AgentCursor(from);
        payload = new AgentAccepted(cursor.U32(), cursor.U32());
        return cursor.IsWhole;
    }
}

/// <summary>It cannot be opened, or not be listened on.</summary>
/// <param name="Errno">Linux's number of the reason; 0 when there is none.</param>
/// <param name="Text">The reason for people; cut at <see cref="AgentProtocol.ReasonMax"/> bytes.</param>
public readonly record struct AgentRefusal(uint Errno, string Text) : IAgentPayload<AgentRefusal>
{
    /// <inheritdoc/>
    public static int BytesMax => 6 + AgentProtocol.ReasonMax;

    /// <inheritdoc/>
    public int Write(Span<byte> to)
    {
        var pen = new AgentPen(to);
        pen.U32(Errno);
        pen.Text(Text, AgentProtocol.ReasonMax);
        return pen.Count;
    }

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> from, out AgentRefusal payload)
    {
        var cursor = new AgentCursor(from);
        payload = new AgentRefusal(cursor.U32(), cursor.Text(AgentProtocol.ReasonMax));
        return cursor.IsWhole;
    }
}
