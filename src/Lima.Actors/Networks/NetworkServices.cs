using Lima.Drivers.Instances;
using Lima.Drivers.Networks;

namespace Lima.Actors.Networks;

/// <summary>What networks of ours are made with.</summary>
/// <param name="Home">Where their files are.</param>
/// <param name="Plans">Which there are.</param>
/// <param name="Names">Answers questions for names.</param>
/// <param name="Model">Gets to know how they are.</param>
public sealed record NetworkServices(LimaHome Home, INetworkPlans Plans, IGatewayNames Names, NetworkModel Model);
