using System.Collections.Immutable;
using System.Text;
using Lima.Domain.Networks;
using Lima.Domain.Specs;
using static System.FormattableString;

namespace Lima.Drivers.CloudInit;

/// <summary>The text of <c>network-config</c>: the guest's cards, found by their addresses.</summary>
internal static class SeedNetwork
{
    /// <summary>Metric of the first card: further ones are preferred, as whoever adds one wants it used.</summary>
    private const uint FirstMetric = 200;

    private const string OptionalParam = "internal_netplanOptional";

    /// <summary>Writes it.</summary>
    public static string Config(SeedInput input)
    {
        var text = new StringBuilder("version: 2\nethernets:\n");
        var optional = input.Spec.Params.GetValueOrDefault(OptionalParam) == "true";
        AppendCard(text, "eth0", input.Mac, FirstMetric, optional);
        if (NameServers(input) is { IsEmpty: false } servers)
        {
            text.Append("    nameservers:\n      addresses:\n");
            foreach (var server in servers) text.Append($"        - {YamlText.Quote(server)}\n");
        }

        foreach (var network in Attached(input))
        {
            AppendCard(text, network.Interface, network.MacAddress, network.Metric, optional);
            if (input.NameServersOf.GetValueOrDefault(network.Lima) is { } server) AppendZone(text, server);
        }

        return text.ToString();
    }

    /// <summary>The user's servers, else the one that stands for the host's.</summary>
    public static ImmutableArray<string> NameServers(SeedInput input) => input.Spec switch
    {
        { Dns: { IsDefaultOrEmpty: false } own } => own,
        { HostResolver.Enabled: true } => [input.SlirpDns],
        _ => [],
    };

    /// <summary>Names of the cards with their hardware addresses.</summary>
    public static IEnumerable<(string Name, string Mac)> Cards(SeedInput input) =>
        [("eth0", input.Mac), .. Attached(input).Select(network => (network.Interface, network.MacAddress))];

    // Apple's NAT brings no card here.
    private static IEnumerable<NetworkSpec> Attached(SeedInput input) => input.Spec.Networks.Where(network => !network.VzNat);

    // Only names of instances are asked there; for all others, and while there is no host, the first card has its own server. It comes by
    // DHCP too, but cloud-init leaves out domains without a server.
    private static void AppendZone(StringBuilder text, string server) => text.Append(
        $"    nameservers:\n      addresses:\n        - {YamlText.Quote(server)}\n      search:\n" +
        $"        - {YamlText.Quote(NetworkPlan.SearchDomain)}\n        - {YamlText.Quote("~" + NetworkPlan.Zone)}\n");

    private static void AppendCard(StringBuilder text, string name, string mac, uint metric, bool optional)
    {
        text.Append($"  {name}:\n    match:\n      macaddress: {YamlText.Quote(mac)}\n    dhcp4: true\n    set-name: {YamlText.Quote(name)}\n");
        text.Append(Invariant($"    dhcp4-overrides:\n      route-metric: {metric}\n    dhcp-identifier: \"mac\"\n"));
        if (optional) text.Append("    optional: true\n");
    }
}
