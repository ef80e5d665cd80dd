using System.Net.Sockets;
using Lima.Domain.PortForwarding;

namespace Lima.Drivers.PortForwarding;

/// <summary>A way into one guest: carries single connections to what listens there.</summary>
public interface IGuestPath
{
    /// <summary>Its name, as users see it (<c>ssh</c>).</summary>
    string Name { get; }

    /// <summary>
    /// Opens a connection to a port or a socket of the guest. The socket that is returned is the caller's; each direction of it ends by
    /// itself, as the two directions of a connection do.
    /// </summary>
    /// <exception cref="DriverException">The guest cannot be reached in time (code <c>forward-down</c>).</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    Task<Socket> ConnectAsync(ForwardEnd guest, CancellationToken cancel);
}
