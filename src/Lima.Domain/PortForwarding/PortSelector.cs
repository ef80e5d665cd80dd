using Lima.Domain.Specs;

namespace Lima.Domain.PortForwarding;

/// <summary>
/// What people write to name a forward that is there: its end at the host (<c>8080</c>, <c>0.0.0.0:8080</c>, <c>/run/a.sock</c>), or the whole
/// of its rule; with <c>/tcp</c> or <c>/udp</c> only what is of that protocol.
/// </summary>
public sealed class PortSelector
{
    private readonly string _text;
    private readonly string _ends;
    private readonly PortProtocol _protocol;

    /// <summary>Takes what was written.</summary>
    public PortSelector(string text)
    {
        _text = text;
        (_ends, _protocol) = text.EndsWith("/tcp", StringComparison.Ordinal) ? (text[..^4], PortProtocol.Tcp)
            : text.EndsWith("/udp", StringComparison.Ordinal) ? (text[..^4], PortProtocol.Udp)
            : (text, PortProtocol.Any);
    }

    /// <summary>Whether a rule is meant.</summary>
    public bool Means(PortForwardSpec rule)
    {
        if (_text == PortRuleText.Of(rule)) return true;
        if (_protocol != PortProtocol.Any && rule.Protocol != _protocol) return false;
        var (host, guest) = (PortRuleText.HostEnd(rule), PortRuleText.GuestEnd(rule));
        return IsEnd(host) || Pairs(host, guest).Contains(_ends);
    }

    /// <summary>Whether a forward that is in effect, or should be, is meant.</summary>
    /// <param name="forward">What is wanted.</param>
    /// <param name="host">The end at the host that it has.</param>
    public bool Means(Forward forward, ForwardEnd host)
    {
        if (_protocol != PortProtocol.Any && forward.Protocol != _protocol) return false;
        return IsEnd(host.ToString()) || IsEnd(forward.Host.ToString()) || Pairs(host.ToString(), forward.Guest.ToString()).Contains(_ends);
    }

    // A port alone is that port on any address.
    private bool IsEnd(string end) => _ends == end || (!end.StartsWith('/') && _ends == Port(end));

    private static string[] Pairs(string host, string guest) => [$"{host}:{guest}", $"{Port(host)}:{guest}", $"{host}:{Port(guest)}", $"{Port(host)}:{Port(guest)}"];

    private static string Port(string end) => end.StartsWith('/') ? end : end[(end.LastIndexOf(':') + 1)..];
}
