using Lima.Domain.Networks;
using Lima.Domain.Vms;
using Lima.Drivers;
using Lima.Drivers.Instances;
using Lima.Drivers.Networks;
using Lima.Templates.Networks;

namespace Lima.Host.Networks;

/// <summary>The user's <c>_config/networks.yaml</c>; Lima's networks where there is none.</summary>
internal sealed class NetworkPlans(LimaHome home) : INetworkPlans
{
    private const string Step = "reading networks.yaml";

    /// <summary>All networks of it, those that mean nothing on this system included.</summary>
    /// <exception cref="DriverException">The file cannot be read or has errors.</exception>
    public IReadOnlyList<NetworkDefinition> All()
    {
        var file = Path.Combine(home.ConfigDirectory, "networks.yaml");
        try
        {
            return NetworksFile.Read(File.Exists(file) ? File.ReadAllText(file) : NetworksFile.Default, file, out var problems)
                ?? throw new DriverException(VmCauses.LaunchFailed, Step, $"networks.yaml has errors: {string.Join("; ", problems)}", $"correct {file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DriverException(VmCauses.LaunchFailed, Step, $"{file} cannot be read: {e.Message}", "correct that", e);
        }
    }

    /// <inheritdoc/>
    public NetworkPlan Of(string network)
    {
        if (All().FirstOrDefault(one => one.Name == network && one.Mode == NetworkDefinition.UserV2) is not { } found)
            throw new DriverException(VmCauses.LaunchFailed, Step, $"network `{network}` is not defined in networks.yaml", $"define it with `limactl network create {network}`");
        return NetworkPlan.Of(network, found.Gateway, found.Netmask, found.DhcpEnd, out var problem)
            ?? throw new DriverException(VmCauses.LaunchFailed, Step, problem, $"correct {Path.Combine(home.ConfigDirectory, "networks.yaml")}");
    }
}
