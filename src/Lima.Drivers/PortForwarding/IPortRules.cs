using System.Collections.Immutable;
using Lima.Domain.Specs;
using Lima.Drivers.Instances;

namespace Lima.Drivers.PortForwarding;

/// <summary>Rules that were given while a VM ran, and last as long as it does.</summary>
public interface IPortRules
{
    /// <summary>The rules, the newest first; they come before those of <c>lima.yaml</c>.</summary>
    ImmutableArray<PortForwardSpec> Load(InstanceDirectory directory);

    /// <summary>Has other rules from now on; written before it returns.</summary>
    /// <exception cref="DriverException">They cannot be written.</exception>
    void Save(InstanceDirectory directory, ImmutableArray<PortForwardSpec> rules);
}
