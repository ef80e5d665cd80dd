using System.Net;
using Lima.Actors.Networks;
using Lima.Actors.Vms;
using Lima.Domain.Names;
using Lima.Domain.Vms;

namespace Lima.Host.Names;

/// <summary>The instances, as a guest can reach them.</summary>
internal sealed class ReachableVms(VmReadModel model, NetworkModel networks)
{
    /// <summary>From the guest of that instance.</summary>
    public IReachableVms From(VmName name) => new FromGuest(name.Value, model, networks);

    private sealed class FromGuest(string guest, VmReadModel model, NetworkModel networks) : IReachableVms
    {
        public IEnumerable<string> Names => model.Views.Keys;

        // QEMU's own network has no way from one guest to another: only a network that both are in has.
        public IPAddress? AddressOf(string vm)
        {
            var shared = networks.Of(guest).Select(address => address.Network).ToHashSet(StringComparer.Ordinal);
            return networks.Of(vm).FirstOrDefault(address => shared.Contains(address.Network))?.Address;
        }
    }
}
