using Lima.Domain.Vms;

namespace Lima.Domain.Networks;

/// <summary>One card of a VM on a network of ours.</summary>
/// <param name="Vm">Whose it is.</param>
/// <param name="Name">Name of that instance.</param>
/// <param name="Network">The network.</param>
/// <param name="Card">Hardware address of the card.</param>
/// <param name="GuestSocket">Socket file at which the hypervisor takes frames.</param>
public sealed record NetworkMember(VmId Vm, string Name, string Network, Mac Card, string GuestSocket);
