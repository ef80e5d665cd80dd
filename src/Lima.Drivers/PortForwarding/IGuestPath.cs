using System.Net.Sockets;
using Lima.Domain.PortForwarding;

namespace Lima.Drivers.PortForwarding;

/// <summary>A way into one guest that carries single connections to what listens there.</summary>
public interface IGuestPath
{
    /// <summary>The code of the failure after which another path may be tried: nothing has been taken from the client yet.</summary>
    const string Down = "forward-down";

    /// <summary>Its name, as users see it (<c>agent</c>, <c>ssh</c>).</summary>
    string Name { get; }

    /// <summary>Whether it can be used now.</summary>
    bool IsUp { get; }

    /// <summary>Whether it leads to such an end at all.</summary>
    bool Carries(ForwardEnd guest);

    /// <summary>
    /// Joins the client with a connection to a port or a socket of the guest, until both directions have ended. Each ends by itself;
    /// who reads slowly slows down who writes. The client is closed then: as after a reset, if the guest's end has failed.
    /// </summary>
    /// <exception cref="DriverException">
    /// The guest cannot be reached (<see cref="Down"/>), or nothing listens there (<c>forward-refused</c>). The client is as it was.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled before the connection was there. The client is as it was.</exception>
    Task CarryAsync(Socket client, ForwardEnd guest, CancellationToken cancel);
}
