using Lima.Actors.Networks;
using Lima.Actors.Vms;
using Lima.Contracts;
using Lima.Domain.Networks;
using Lima.Domain.Vms;
using Lima.Drivers.Instances;
using Lima.Host.Networks;
using Lima.Host.Specs;
using Lima.Templates.Networks;

namespace Lima.Host.Api;

/// <summary>The networks between VMs over HTTP.</summary>
internal sealed class NetworkEndpoints(NetworkPlans plans, NetworkModel networks, VmReadModel model, InstanceSpecs specs, LimaHome home, HomeWatch watch)
{
    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder app) => app.MapGet("/v1/networks", async () =>
    {
        await watch.RescanIfChangedAsync();
        return Replies.Ok(List());
    });

    private NetworkList List()
    {
        var users = (from name in model.Views.Keys
                     from network in specs.Read(home.Instance(VmName.Parse(name))).Spec?.Networks ?? []
                     where network.Lima.Length > 0
                     select (Network: network.Lima, User: name)).ToLookup(use => use.Network, use => use.User);
        var up = networks.Networks;
        var defined = plans.All().Where(network => network.Mode == NetworkDefinition.UserV2).ToDictionary(network => network.Name);
        return new NetworkList([.. defined.Keys.Union(up.Keys).Union(users.Select(use => use.Key)).Order(StringComparer.Ordinal).Select(name => new NetworkView
        {
            Name = name,
            // One that is up goes on as it was begun, whatever has been written meanwhile.
            Gateway = (up.GetValueOrDefault(name)?.Plan ?? Plan(defined.GetValueOrDefault(name)))?.Gateway.ToString(),
            Users = [.. users[name].Distinct()],
            Members = [.. (up.GetValueOrDefault(name)?.Members ?? []).Select(View)],
        })]);
    }

    private static NetworkPlan? Plan(NetworkDefinition? network) =>
        network is null ? null : NetworkPlan.Of(network.Name, network.Gateway, network.Netmask, network.DhcpEnd, out _);

    private static NetworkMemberView View(NetworkAttachment attached) => new(attached.Member.Name, attached.Member.Card.ToString(), attached.Address.ToString());
}
