using System.Collections.Immutable;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;

namespace Lima.Domain.Agent;

/// <summary>All that listens in the guest, never a difference.</summary>
/// <param name="Number">Grows with each list of a session.</param>
/// <param name="IsTruncated">Whether more listens than fits.</param>
/// <param name="All">The listeners; at most <see cref="AgentProtocol.ListenersMax"/>.</param>
public sealed record AgentListeners(uint Number, bool IsTruncated, ImmutableArray<GuestListener> All) : IAgentPayload<AgentListeners>
{
    private const int EntryMin = 8;
    private const byte Tcp = 1, Udp = 2, AlsoV4 = 0x10;

    /// <inheritdoc/>
    public static int BytesMax => 7 + AgentProtocol.ListenersMax * (1 + AgentAddress.BytesMax);

    /// <summary>The list of these listeners: each once, and of too many those with the lowest ports.</summary>
    public static AgentListeners Of(uint number, IEnumerable<GuestListener> listeners)
    {
        var all = listeners.Distinct().OrderBy(l => l.Port).ToImmutableArray();
        var fits = all.Length <= AgentProtocol.ListenersMax;
        return new AgentListeners(number, !fits, fits ? all : all[..AgentProtocol.ListenersMax]);
    }

    /// <inheritdoc/>
    public int Write(Span<byte> to)
    {
        if (All.Length > AgentProtocol.ListenersMax) throw new ArgumentException($"{All.Length} listeners are more than {AgentProtocol.ListenersMax}");
        var pen = new AgentPen(to);
        pen.U32(Number);
        pen.U8(IsTruncated ? (byte)1 : (byte)0);
        pen.U16((ushort)All.Length);
        foreach (var listener in All)
        {
            pen.U8((byte)((listener.Protocol == PortProtocol.Udp ? Udp : Tcp) | (listener.TakesIPv4 ? AlsoV4 : 0)));
            AgentAddress.Write(ref pen, listener.Ip, listener.Port);
        }

        return pen.Count;
    }

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> from, out AgentListeners payload)
    {
        var cursor = new AgentCursor(from);
        var (number, truncated, count) = (cursor.U32(), cursor.Flag(), cursor.U16());
        payload = new AgentListeners(number, truncated, []);
        // Nothing is set aside for entries that cannot be there.
        if (count > AgentProtocol.ListenersMax || from.Length < count * EntryMin) return false;
        var all = ImmutableArray.CreateBuilder<GuestListener>(count);
        for (var i = 0; i < count; i++)
        {
            var flags = cursor.U8();
            var protocol = flags & ~AlsoV4;
            if (protocol is not (Tcp or Udp)) return false;
            var end = AgentAddress.Read(ref cursor);
            if (end.Port == 0) return false;
            all.Add(new GuestListener(protocol == Udp ? PortProtocol.Udp : PortProtocol.Tcp, end.Ip, end.Port) { TakesIPv4 = (flags & AlsoV4) != 0 });
        }

        payload = payload with { All = all.MoveToImmutable() };
        return cursor.IsWhole;
    }
}
