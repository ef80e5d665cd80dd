using System.Net;
using Lima.Actors.Vms;
using Lima.Domain.Names;
using Lima.Domain.Vms;

namespace Lima.Host.Names;

/// <summary>The instances, as a guest can reach them.</summary>
internal sealed class ReachableVms(VmReadModel model)
{
    /// <summary>From the guest of that instance.</summary>
    public IReachableVms From(VmName name) => new FromGuest(model);

    private sealed class FromGuest(VmReadModel model) : IReachableVms
    {
        public IEnumerable<string> Names => model.Views.Keys;

        // QEMU's own network has no way from one guest to another.
        public IPAddress? AddressOf(string vm) => null;
    }
}
