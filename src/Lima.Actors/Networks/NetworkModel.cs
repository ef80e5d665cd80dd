using System.Collections.Immutable;
using Lima.Domain.Networks;
using Lima.Domain.Vms;

namespace Lima.Actors.Networks;

/// <summary>A card on a network, and its address there.</summary>
/// <param name="Member">The card.</param>
/// <param name="Address">Its address.</param>
public sealed record NetworkAttachment(NetworkMember Member, Ipv4 Address);

/// <summary>A network of ours that is up.</summary>
/// <param name="Plan">Its addresses.</param>
/// <param name="Members">Who is attached, by their addresses.</param>
public sealed record NetworkStatus(NetworkPlan Plan, ImmutableArray<NetworkAttachment> Members);

/// <summary>The networks that are up, for readers. Each network's own actor writes its part.</summary>
public sealed class NetworkModel : IVmAddresses
{
    private ImmutableSortedDictionary<string, NetworkStatus> _networks = ImmutableSortedDictionary.Create<string, NetworkStatus>(StringComparer.Ordinal);

    /// <summary>Them, by name.</summary>
    public ImmutableSortedDictionary<string, NetworkStatus> Networks => Volatile.Read(ref _networks);

    /// <inheritdoc/>
    public ImmutableArray<VmAddress> Of(string vmName) =>
        All((_, member) => member.Name.Equals(vmName, StringComparison.OrdinalIgnoreCase), (network, attachment) => new VmAddress(network, attachment.Address));

    /// <summary>The cards of a VM with their addresses.</summary>
    public ImmutableArray<NetworkAttachment> Of(VmId vm) => All((_, member) => member.Vm == vm, (_, attachment) => attachment);

    internal void Set(string network, NetworkStatus status) => ImmutableInterlocked.Update(ref _networks, all => all.SetItem(network, status));

    internal void Remove(string network) => ImmutableInterlocked.Update(ref _networks, all => all.Remove(network));

    private ImmutableArray<T> All<T>(Func<string, NetworkMember, bool> wanted, Func<string, NetworkAttachment, T> select) =>
        [.. Networks.SelectMany(network => network.Value.Members.Where(a => wanted(network.Key, a.Member)).Select(a => select(network.Key, a)))];
}
