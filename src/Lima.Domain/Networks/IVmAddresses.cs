using System.Collections.Immutable;
using System.Net;

namespace Lima.Domain.Networks;

/// <summary>An address of a VM.</summary>
/// <param name="Network">The network in which it has it.</param>
/// <param name="Address">The address.</param>
public sealed record VmAddress(string Network, IPAddress Address);

/// <summary>Addresses of running VMs in networks of ours.</summary>
public interface IVmAddresses
{
    /// <summary>All addresses of a VM; none when it does not run, or is in no such network.</summary>
    /// <param name="vmName">Name of the instance, in any case.</param>
    ImmutableArray<VmAddress> Of(string vmName);
}
