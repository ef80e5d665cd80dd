using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Instances;

namespace Lima.Drivers.Names;

/// <summary>The name servers that guests have at the host, one port of loopback for each instance that wants one.</summary>
public interface INameServers
{
    /// <summary>
    /// Sees to it that an instance that is about to be launched has its server, on the port of last time if that is free.
    /// </summary>
    /// <returns>The port, the same for UDP and TCP; 0 when the configuration wants none.</returns>
    /// <exception cref="DriverException">No port can be had (code <c>host-resolver</c>).</exception>
    Task<int> PrepareAsync(VmId id, InstanceDirectory directory, VmSpec spec, CancellationToken cancel);

    /// <summary>Sees to it that an instance that runs has its server, on the port that its guest was told.</summary>
    /// <exception cref="DriverException">Somebody else has the port (code <c>host-resolver</c>).</exception>
    void Resume(VmId id, InstanceDirectory directory, VmSpec spec);

    /// <summary>The instance does not run any more.</summary>
    void Close(VmId id);
}
