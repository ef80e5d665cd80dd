using Lima.Domain.PortForwarding;

namespace Lima.Drivers.PortForwarding;

/// <summary>
/// A way that begins whole forwards of one guest by itself, where nobody here accepts connections: it listens elsewhere, as QEMU does,
/// or in the guest, or speaks datagrams.
/// </summary>
public interface IForwardOpener : IAsyncDisposable
{
    /// <summary>Whether it can begin that forward now; asked again for each.</summary>
    bool Opens(Forward forward);

    /// <summary>
    /// Whether what it opens on a port of the host is on IPv4 alone, so that somebody else has to listen on the same address of IPv6
    /// (<see cref="HostSockets.Companion"/>).
    /// </summary>
    bool IsIPv4Only => false;

    /// <summary>Begins it.</summary>
    /// <exception cref="DriverException">
    /// It cannot. With the code <see cref="IGuestPath.Down"/> the next way is tried; any other is the answer (see <see cref="IGuestPorts.OpenAsync"/>).
    /// </exception>
    Task<IOpenForward> OpenAsync(Forward forward, CancellationToken cancel);

    /// <summary>Ends what an earlier host has left behind and nobody has asked for since.</summary>
    /// <exception cref="DriverException">It could not; it is still there.</exception>
    Task EndLeftoversAsync(CancellationToken cancel) => Task.CompletedTask;

    /// <summary>From now on a forward that goes on without a host is let go of, and not ended, when it is disposed of.</summary>
    void Leave() { }
}
