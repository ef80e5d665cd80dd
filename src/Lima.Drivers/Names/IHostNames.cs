using System.Net;
using System.Net.Sockets;

namespace Lima.Drivers.Names;

/// <summary>Addresses as programs of this machine get them.</summary>
public interface IHostNames
{
    /// <summary>The addresses of a name; none when there is no such name, null when that could not be found out.</summary>
    Task<IReadOnlyList<IPAddress>?> AddressesAsync(string name, AddressFamily family, CancellationToken cancel);
}

/// <summary>Other name servers.</summary>
public interface IUpstream
{
    /// <summary>Asks them; the reply, or null when none came.</summary>
    /// <param name="message">The message with the question.</param>
    /// <param name="questionEnd">Where the question ends in it.</param>
    /// <param name="cancel">Gives up.</param>
    Task<byte[]?> AskAsync(ReadOnlyMemory<byte> message, int questionEnd, CancellationToken cancel);
}
