using Lima.Domain.Networks;

namespace Lima.Drivers.Networks;

/// <summary>Networks of ours, as the user has defined them.</summary>
public interface INetworkPlans
{
    /// <summary>The addresses of a network.</summary>
    /// <exception cref="DriverException">There is no such network, or what is written about it is wrong (code <c>launch-failed</c>).</exception>
    NetworkPlan Of(string network);
}
