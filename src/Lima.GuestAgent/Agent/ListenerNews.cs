using System.Collections.Immutable;
using System.Net;
using Lima.Domain.Agent;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;
using Lima.GuestAgent.Listeners;

namespace Lima.GuestAgent.Agent;

/// <summary>Tells the host all that listens, at once when it has changed, but not more often than it can be of use.</summary>
/// <param name="type">Under which name it is told.</param>
internal sealed class ListenerNews(EventLoop loop, Outbox outbox, AgentFrameType type)
{
    /// <summary>From one list to the next.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private ListeningSet? _latest;
    private Deadline? _pause;
    private bool _isWatched, _isNews;
    private uint _number;

    /// <summary>The host wants to be told, or does not any more. It is told all when that begins.</summary>
    public void Watch(bool on)
    {
        _isNews = on && _latest is not null;
        if (!on)
        {
            // The numbers of a session begin with it.
            _number = 0;
            _pause?.CallOff();
            _pause = null;
        }

        _isWatched = on;
        Send();
    }

    /// <summary>What listens now.</summary>
    public void Tell(ListeningSet all)
    {
        _latest = all;
        _isNews = _isWatched;
        Send();
    }

    private void Send()
    {
        if (!_isNews || _pause is { IsOff: false } || _latest is null) return;
        _isNews = false;
        outbox.SendList(type, new AgentListeners(++_number, _latest.IsTruncated, [.. _latest.Entries.Select(Listener)]));
        outbox.PumpSoon();
        _pause = loop.After(Pause, Send);
    }

    private static GuestListener Listener(Listening one)
    {
        Span<byte> bytes = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, one.Address);
        return new GuestListener(one.IsUdp ? PortProtocol.Udp : PortProtocol.Tcp, new IPAddress(one.IsNew ? bytes : bytes[12..]).ToString(), one.Port);
    }
}
