using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Lima.Domain.Specs;
using Lima.Templates.Documents;

namespace Lima.Templates.Networks;

/// <summary>The text of <c>_config/networks.yaml</c>: what it says, and what it becomes when a network is added or removed. Comments stay.</summary>
public static class NetworksFile
{
    private const string Key = "networks";

    /// <summary>What the file holds when nobody has written one: Lima's networks, under the same names.</summary>
    public const string Default = """
        # Networks for `networks: [{lima: NAME}]` in a lima.yaml. `limactl network create` and `delete` change this file.

        # The modes shared, host and bridged need the program socket_vmnet, which macOS runs as root: neither it nor the
        # directories around it may be writable by you. On other systems these lines have no effect.
        paths:
          socketVMNet: "/opt/socket_vmnet/bin/socket_vmnet"
          varRun: /private/var/run/lima
          sudoers: /private/etc/sudoers.d/lima

        # Members of this group may run it (macOS).
        group: admin

        networks:
          user-v2:
            mode: user-v2
            gateway: 192.168.104.1
            netmask: 255.255.255.0
          shared:
            mode: shared
            gateway: 192.168.105.1
            dhcpEnd: 192.168.105.254
            netmask: 255.255.255.0
          bridged:
            mode: bridged
            interface: en0
            # no gateway: addresses come from the network outside
          host:
            mode: host
            gateway: 192.168.106.1
            dhcpEnd: 192.168.106.254
            netmask: 255.255.255.0

        """;

    /// <summary>The networks of a text, sorted by name. Without any of mode user-v2 that has a gateway, the default one is there all the same.</summary>
    /// <param name="text">The text.</param>
    /// <param name="source">Its name, for problems.</param>
    /// <param name="problems">Everything that is wrong with it.</param>
    /// <returns>Null when something is wrong.</returns>
    public static IReadOnlyList<NetworkDefinition>? Read(string text, string source, out ImmutableArray<Problem> problems)
    {
        if (Root(text, source, out problems) is not { } root) return null;
        var found = new List<Problem>();
        var networks = new SortedDictionary<string, NetworkDefinition>(StringComparer.Ordinal);
        foreach (var (key, value) in root.Get(Key)?.Resolved.Entries() ?? [])
        {
            var (name, network) = (key.Value, Definition(key.Value, value.Resolved));
            found.AddRange(Problems(network).Select(p => new Problem(source, key.Line, key.Column, $"{Key}.{name}", p)));
            networks[name] = network;
        }

        problems = [.. found];
        if (found.Count > 0) return null;
        if (!networks.Values.Any(n => n is { Mode: NetworkDefinition.UserV2, Gateway: not null }))
            networks[NetworkDefinition.UserV2] = Read(Default, "", out _)!.First(n => n.Name == NetworkDefinition.UserV2);
        return [.. networks.Values];
    }

    /// <summary>The text with one network more, or with another definition of it.</summary>
    /// <exception cref="ArgumentException">The text cannot be read; <see cref="Read"/> says why.</exception>
    public static string With(string text, NetworkDefinition network)
    {
        var (documents, root) = Documents(text);
        if (root.Get(Key) is not { Kind: DocKind.Mapping } networks) root.Set(Key, networks = DocNode.Mapping());
        var definition = DocNode.Mapping();
        foreach (var (key, value) in new[]
            { ("mode", network.Mode), ("gateway", network.Gateway), ("dhcpEnd", network.DhcpEnd), ("netmask", network.Netmask), ("interface", network.Interface) })
        {
            if (value is not null) definition.Set(key, DocNode.Scalar(value));
        }

        networks.Set(network.Name, definition);
        return DocWriter.Write(documents);
    }

    /// <summary>The text without a network; as given when it has none of that name.</summary>
    /// <exception cref="ArgumentException">The text cannot be read; <see cref="Read"/> says why.</exception>
    public static string Without(string text, string name)
    {
        var (documents, root) = Documents(text);
        return root.Get(Key)?.Remove(name) == true ? DocWriter.Write(documents) : text;
    }

    private static NetworkDefinition Definition(string name, DocNode node) =>
        new(name, Text(node, "mode") ?? "", Text(node, "gateway"), Text(node, "netmask"), Text(node, "dhcpEnd"), Text(node, "interface"));

    private static string? Text(DocNode node, string key) =>
        node.Get(key)?.Resolved is { Kind: DocKind.Scalar, IsNull: false, Value: { Length: > 0 } value } ? value : null;

    private static IEnumerable<string> Problems(NetworkDefinition network)
    {
        if (Identifier.Problem(network.Name, "network") is { } problem) yield return problem;
        if (!NetworkDefinition.Modes.Contains(network.Mode))
            yield return $"mode of network `{network.Name}` must be one of {string.Join(", ", NetworkDefinition.Modes)}, got `{network.Mode}`";
        foreach (var (key, value) in new[] { ("gateway", network.Gateway), ("netmask", network.Netmask), ("dhcpEnd", network.DhcpEnd) })
        {
            if (value is not null && !(IPAddress.TryParse(value, out var address) && address.AddressFamily == AddressFamily.InterNetwork))
                yield return $"{key} of network `{network.Name}` must be an IPv4 address, got `{value}`";
        }

        if (network.Interface is { } nic && Identifier.Problem(nic, "interface") is { } wrong) yield return wrong;
    }

    private static (IReadOnlyList<DocFile> Documents, DocNode Root) Documents(string text)
    {
        var documents = DocReader.Read(text, "", out _) ?? throw new ArgumentException("not YAML", nameof(text));
        if (documents[0].Root.IsNull) documents[0].Root = DocNode.Mapping();
        return (documents, documents[0].Root);
    }

    private static DocNode? Root(string text, string source, out ImmutableArray<Problem> problems)
    {
        if (DocReader.Read(text, source, out problems) is not { } documents) return null;
        var root = documents.Count == 0 ? DocNode.Mapping() : documents[0].Root.Resolved;
        if (root.Kind == DocKind.Mapping && root.Get(Key) is null or { IsNull: true } or { Resolved.Kind: DocKind.Mapping }) return root;
        if (root.IsNull) return DocNode.Mapping();
        problems = [new Problem(source, root.Line, root.Column, Key, "must be a map")];
        return null;
    }
}
