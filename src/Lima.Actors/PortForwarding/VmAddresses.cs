using System.Collections.Immutable;
using Lima.Actors.Vms;
using Lima.Domain.PortForwarding;

namespace Lima.Actors.PortForwarding;

/// <summary>The addresses that VMs have of their own on the host's loopback.</summary>
/// <param name="model">For the names of all VMs.</param>
/// <param name="isOn">Whether they have any.</param>
public sealed class VmAddresses(VmReadModel model, bool isOn)
{
    /// <summary>All, by the VM's name; none when they are switched off.</summary>
    public ImmutableSortedDictionary<string, string> All => isOn ? LoopbackAddresses.Of(model.Names) : ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>That of one VM; empty when they are switched off.</summary>
    public string Of(string name) => isOn ? LoopbackAddresses.Of(name, model.Names) : "";
}
