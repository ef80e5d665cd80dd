using System.Collections.Immutable;
using Lima.Domain.Networks;
using Lima.Domain.Specs;
using Lima.Drivers.Hypervisors;
using Lima.Drivers.Instances;
using Lima.Drivers.Networks;

namespace Lima.Drivers.Qemu;

/// <summary>Networks besides QEMU's own: what QEMU is given for them, and what one that runs was given.</summary>
internal static class QemuNetworks
{
    /// <summary>The first version that sends frames as datagrams.</summary>
    private static readonly QemuVersion HasDatagrams = new(7, 2, 0);

    private const string Option = "-netdev", Kind = "dgram", Local = "local.path", Remote = "remote.path";

    /// <summary>What QEMU is given.</summary>
    /// <exception cref="DriverException">QEMU is too old (code <c>qemu-too-old</c>), or a path is too long for a socket.</exception>
    public static IEnumerable<AttachedNetwork> Attached(ImmutableArray<NetworkSpec> networks, InstanceDirectory directory, QemuVersion version)
    {
        foreach (var (at, network) in networks.Index())
        {
            // Daemons that speak QEMU's stream protocol are the user's own.
            if (network.Socket.Length > 0) yield return new AttachedNetwork(network.Socket, network.MacAddress);
            if (network.Lima.Length == 0) continue;
            if (version < HasDatagrams) throw TooOld(network, version);
            if (Card(network, directory, at) is { } card)
                yield return new AttachedNetwork(Files(directory, network.Lima).CheckedPort(card.Card), network.MacAddress, card.GuestSocket);
        }
    }

    /// <summary>The cards of a configuration that are on networks of ours.</summary>
    public static ImmutableArray<MachineCard> Cards(ImmutableArray<NetworkSpec> networks, InstanceDirectory directory) =>
        [.. networks.Index().Where(entry => entry.Item.Lima.Length > 0).Select(entry => Card(entry.Item, directory, entry.Index)).OfType<MachineCard>()];

    /// <summary>The cards on networks of ours of a QEMU that runs, by its arguments: the configuration may have changed since its start.</summary>
    public static ImmutableArray<MachineCard> Cards(IReadOnlyList<string> arguments)
    {
        var cards = ImmutableArray.CreateBuilder<MachineCard>();
        for (var at = 0; at + 1 < arguments.Count; at++)
        {
            if (arguments[at] != Option || !arguments[at + 1].StartsWith(Kind + ",", StringComparison.Ordinal)) continue;
            var values = Values(arguments[at + 1]);
            if (values.TryGetValue(Local, out var own) && values.TryGetValue(Remote, out var port) && NetworkFiles.Read(port) is { } named)
                cards.Add(new MachineCard(named.Network, named.Card, own));
        }

        return cards.ToImmutable();
    }

    private static MachineCard? Card(NetworkSpec network, InstanceDirectory directory, int at) =>
        Mac.TryParse(network.MacAddress, out var card) ? new MachineCard(network.Lima, card, directory.NetworkSocket(at)) : null;

    private static NetworkFiles Files(InstanceDirectory directory, string network) => new(new LimaHome(Path.GetDirectoryName(directory.Path)!), network);

    private static DriverException TooOld(NetworkSpec network, QemuVersion version) => new(
        "qemu-too-old", "attaching to the network", $"QEMU {version} is too old for network `{network.Lima}`; `{HasDatagrams}` or later is needed",
        "upgrade QEMU, or take the network out of `networks`");

    // A comma that belongs to a value is written twice.
    private static Dictionary<string, string> Values(string option)
    {
        const string Comma = "\0";
        return option.Replace(",,", Comma, StringComparison.Ordinal).Split(',')
            .Select(part => part.Replace(Comma, ",", StringComparison.Ordinal).Split('=', 2))
            .Where(pair => pair.Length == 2)
            .GroupBy(pair => pair[0], pair => pair[1])
            .ToDictionary(group => group.Key, group => group.Last());
    }
}
