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

    /// <summary>Begins it.</summary>
    /// <exception cref="DriverException">
    /// It cannot. With the code <see cref="IGuestPath.Down"/> the next way is tried; any other is the answer (see <see cref="IGuestPorts.OpenAsync"/>).
    /// </exception>
    Task<IOpenForward> OpenAsync(Forward forward, CancellationToken cancel);
}
