using Lima.Domain.Vms;
using Lima.Drivers.Instances;

namespace Lima.Drivers.Hypervisors;

/// <summary>Finds the hypervisor for a <c>vmType</c>.</summary>
public sealed class HypervisorFactory(IEnumerable<IHypervisor> hypervisors)
{
    private readonly Dictionary<string, IHypervisor> _byType = hypervisors.ToDictionary(h => h.VmType, StringComparer.Ordinal);

    /// <summary>The types there are, sorted.</summary>
    public IReadOnlyList<string> VmTypes => [.. _byType.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The hypervisor of that type.</summary>
    /// <exception cref="DriverException">There is none.</exception>
    public IHypervisor Get(string vmType) => _byType.TryGetValue(vmType, out var found)
        ? found
        : throw new DriverException(
            "vm-type-unknown", "choosing the driver", $"vmType `{vmType}` is not a registered driver",
            $"use one of: {string.Join(", ", VmTypes)}");

    /// <summary>Finds the living process of a VM with any hypervisor; null when there is none.</summary>
    public (IHypervisor Hypervisor, ProcessIdentity Process)? Find(VmId id, InstanceDirectory directory)
    {
        foreach (var hypervisor in _byType.Values)
        {
            if (hypervisor.Find(id, directory) is { } process) return (hypervisor, process);
        }

        return null;
    }
}
