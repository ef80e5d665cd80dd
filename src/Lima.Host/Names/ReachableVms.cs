using System.Net;
using Lima.Actors.Networks;
using Lima.Actors.PortForwarding;
using Lima.Actors.Vms;
using Lima.Domain.Names;
using Lima.Domain.Vms;

namespace Lima.Host.Names;

/// <summary>The instances, as a guest or a program of this machine can reach them.</summary>
internal sealed class ReachableVms(VmReadModel model, NetworkModel networks, VmAddresses addresses)
{
    /// <summary>From this machine: at the addresses of loopback that they have of their own.</summary>
    public IReachableVms FromHost => new At(model, vm => IPAddress.TryParse(addresses.Of(vm), out var address) ? address : null);

    /// <summary>From the guest of that instance.</summary>
    public IReachableVms From(VmName name) => new At(model, vm => InSharedNetwork(name.Value, vm));

    // QEMU's own network has no way from one guest to another: only a network that both are in has.
    private IPAddress? InSharedNetwork(string guest, string vm)
    {
        var shared = networks.Of(guest).Select(address => address.Network).ToHashSet(StringComparer.Ordinal);
        return networks.Of(vm).FirstOrDefault(address => shared.Contains(address.Network))?.Address;
    }

    private sealed class At(VmReadModel model, Func<string, IPAddress?> address) : IReachableVms
    {
        public IEnumerable<string> Names => model.Views.Keys;

        public IPAddress? AddressOf(string vm) => address(vm);
    }
}
