using System.Collections.Immutable;
using System.Threading.Channels;
using Lima.Domain.Agent;
using Lima.Domain.PortForwarding;
using Lima.Drivers.Instances;

namespace Lima.Drivers.PortForwarding;

/// <summary>Makes the forwarding of ports of guests.</summary>
public interface IPortForwarding
{
    /// <summary>Begins for one guest that runs an SSH server; nothing is forwarded yet.</summary>
    /// <param name="directory">The instance.</param>
    /// <param name="watch">Whether listeners of the guest are watched.</param>
    /// <param name="log">Told what is worth a line in the log, from any thread.</param>
    IGuestPorts Begin(InstanceDirectory directory, bool watch, Action<string> log);
}

/// <summary>
/// The forwards of one guest. Disposing it ends them all, and every connection through them, except for those that need no host: they
/// go on and are found by the next one.
/// </summary>
public interface IGuestPorts : IAsyncDisposable
{
    /// <summary>The newest state of the way into the guest and of what listens there; older ones that nobody read are dropped. One reader.</summary>
    ChannelReader<GuestPortsState> States { get; }

    /// <summary>Begins a forward.</summary>
    /// <exception cref="DriverException">
    /// The end that listens cannot: it is in use (<c>port-in-use</c>), privileged (<c>port-privileged</c>), or refused otherwise
    /// (<c>forward-failed</c>). A reverse one also needs the guest to be reached (<c>forward-down</c>).
    /// </exception>
    Task<IOpenForward> OpenAsync(Forward forward, CancellationToken cancel);

    /// <summary>Ends what an earlier host has left behind and nobody has asked for since: to be called once all that is wanted has been opened.</summary>
    /// <exception cref="DriverException">Some of it could not be ended; it is tried again when this is called again.</exception>
    Task EndLeftoversAsync(CancellationToken cancel);

    /// <summary>Whether there is anything to forward; while there is not, and nothing is watched, no way into the guest is kept.</summary>
    void Need(bool isNeeded);

    /// <summary>
    /// Looks after the way into the guest: when nothing has been heard for a minute the guest is asked, and when no answer comes in time the
    /// way is made anew. Also when the host's clock has jumped the guest's is set.
    /// </summary>
    Task CheckAsync(TimeSpan limit, CancellationToken cancel);

    /// <summary>Has the guest's agent set the guest's clock; nothing happens where there is none.</summary>
    Task SetTimeAsync(CancellationToken cancel);

    /// <summary>Load and memory of the guest, as its agent says; null where there is none that answers.</summary>
    Task<AgentStatus?> StatusAsync(CancellationToken cancel);
}

/// <summary>How the way into the guest is.</summary>
/// <param name="Life">Grows each time the way is made anew; 0 before the first.</param>
/// <param name="IsUp">Whether it can be used now.</param>
/// <param name="Problem">Why not; empty when it is up, or has not failed yet.</param>
/// <param name="Listeners">What listens in the guest; null while that is not known.</param>
public sealed record GuestPortsState(int Life, bool IsUp, string Problem, ImmutableArray<GuestListener>? Listeners);

/// <summary>A forward that is. Disposing it ends it; connections through it go on until they end by themselves.</summary>
public interface IOpenForward : IAsyncDisposable
{
    /// <summary>Which way a connection would take now (<c>qemu</c>, <c>ssh</c>).</summary>
    string Path { get; }

    /// <summary>What is not as it should be although it works; empty when all is well.</summary>
    string Warning { get; }

    /// <summary>Leads new connections to another end in the guest; false where that cannot be, so that it has to be ended and begun anew.</summary>
    bool Redirect(ForwardEnd guest);
}
