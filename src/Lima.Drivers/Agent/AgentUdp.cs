using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;
using Lima.Drivers.PortForwarding;

namespace Lima.Drivers.Agent;

/// <summary>Forwards of UDP ports by the guest's agent.</summary>
/// <param name="link">The way to the agent.</param>
/// <param name="ends">Who has which end of the host.</param>
/// <param name="instance">Name of the instance.</param>
/// <param name="idle">After how long without a datagram a flow is forgotten.</param>
/// <param name="time">For that.</param>
internal sealed class AgentUdp(AgentLink link, HostEnds ends, string instance, TimeSpan idle, TimeProvider time) : IForwardOpener
{
    /// <inheritdoc/>
    public bool Opens(Forward forward) => forward is { Protocol: PortProtocol.Udp, Reverse: false, Guest.IsSocket: false, Host.IsSocket: false } && link.Session is not null;

    /// <inheritdoc/>
    public Task<IOpenForward> OpenAsync(Forward forward, CancellationToken cancel)
    {
        var (sockets, warning) = HostSockets.Listen(PortProtocol.Udp, forward.Host, ends, instance);
        return Task.FromResult<IOpenForward>(new UdpForward(sockets, forward.Guest, () => link.Session, warning, idle, time));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
