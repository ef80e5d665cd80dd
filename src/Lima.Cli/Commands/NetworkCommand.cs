using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Lima.Cli.Networks;
using Lima.Cli.Output;
using Lima.Contracts;
using Lima.Domain.Networks;
using Lima.Domain.Specs;
using Lima.Templates.Networks;

namespace Lima.Cli.Commands;

/// <summary><c>limactl network</c>: what <c>_config/networks.yaml</c> says.</summary>
internal sealed class NetworkCommand : CliCommandFamily
{
    public NetworkCommand() : base(
        "network", "Manage networks for instances", CommandGroup.Advanced,
        "limactl network list", "limactl network create dev --gateway=192.168.42.1/24", "limactl network delete --force dev")
    {
        Add(new NetworkListCommand());
        Add(new NetworkCreateCommand());
        Add(new NetworkDeleteCommand());
    }
}

/// <summary><c>limactl network list</c>.</summary>
internal sealed class NetworkListCommand : CliCommand
{
    private readonly Argument<string[]> _names = new("NETWORK") { Description = "networks to show (default: all)", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<bool> _json = Flag("--json", "one JSON object a line");

    public NetworkListCommand() : base("list", "List networks", CommandGroup.Advanced, "limactl network list", "limactl network ls --json")
    {
        Aliases.Add("ls");
        Add(_names);
        Add(_json);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var all = new NetworksConfig(context.Paths).Read();
        var names = parsed.GetValue(_names) ?? [];
        foreach (var missing in names.Where(name => all.All(network => network.Name != name))) context.Log.Warn($"No network matching {missing} found.");
        List<NetworkDefinition> chosen = names.Length == 0 ? [.. all] : [.. names.SelectMany(name => all.Where(network => network.Name == name))];
        var kept = await KeptAsync(context, cancel);
        context.World.Out.Write(parsed.GetValue(_json) ? string.Concat(chosen.Select(network => Json(network, kept.GetValueOrDefault(network.Name)) + "\n")) : Table.Format(
        [
            ["NAME", "MODE", "GATEWAY", "INTERFACE", "MEMBERS"],
            .. chosen.Select(network => (IReadOnlyList<string>)
                [network.Name, network.Mode, network.Cidr ?? "-", network.Interface ?? "-", Members(kept.GetValueOrDefault(network.Name))]),
        ]));
        return ExitCodes.Success;
    }

    // While no host runs, nobody is attached to anything; that alone is no reason to start one.
    private static async Task<Dictionary<string, NetworkView>> KeptAsync(CliContext context, CancellationToken cancel)
    {
        using var host = await context.RunningHostAsync(cancel);
        return host is null ? [] : (await host.NetworksAsync(cancel)).Networks.ToDictionary(network => network.Name);
    }

    private static string Members(NetworkView? network) =>
        network is not { Members.Count: > 0 } ? "-" : string.Join(',', network.Members.Select(member => $"{member.Instance}={member.Address}"));

    private static string Json(NetworkDefinition network, NetworkView? kept) => JsonOutput.Text(
        writer =>
        {
            writer.WriteStartObject();
            foreach (var (key, value) in new[]
                {
                    ("name", network.Name), ("mode", network.Mode), ("interface", network.Interface), ("gateway", network.Gateway),
                    ("dhcpEnd", network.DhcpEnd), ("netmask", network.Netmask),
                })
            {
                if (value is not null) writer.WriteString(key, value);
            }

            if (kept is not null) Write(writer, kept);
            writer.WriteEndObject();
        },
        indented: false);

    private static void Write(Utf8JsonWriter writer, NetworkView network)
    {
        if (network.Gateway is not null) writer.WriteString("gatewayAddress", network.Gateway);
        writer.WriteStartArray("users");
        foreach (var user in network.Users) writer.WriteStringValue(user);
        writer.WriteEndArray();
        writer.WriteStartArray("members");
        foreach (var member in network.Members)
        {
            writer.WriteStartObject();
            writer.WriteString("instance", member.Instance);
            writer.WriteString("macAddress", member.MacAddress);
            writer.WriteString("address", member.Address);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}

/// <summary><c>limactl network create</c>.</summary>
internal sealed class NetworkCreateCommand : CliCommand
{
    private readonly Argument<string> _name = new("NETWORK") { Description = "name of the new network" };
    private readonly Option<string?> _mode = Text("--mode", "MODE", $"{string.Join(", ", NetworkDefinition.Modes)} (default: user-v2)");
    private readonly Option<string?> _gateway = Text("--gateway", "CIDR", "address of the gateway, for example 192.168.42.1/24");
    private readonly Option<string?> _interface = Text("--interface", "NAME", "interface of this machine, for mode bridged");

    public NetworkCreateCommand() : base(
        "create", "Create a network", CommandGroup.Advanced, "limactl network create dev --gateway=192.168.42.1/24", "limactl network create lan --mode=bridged --interface=en1")
    {
        Add(_name);
        Add(_mode);
        Add(_gateway);
        Add(_interface);
    }

    public override Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var (name, mode) = (parsed.GetRequiredValue(_name), parsed.GetValue(_mode) ?? NetworkDefinition.UserV2);
        if (Identifier.Problem(name, "network") is { } problem) throw CliException.Usage(problem);
        if (!NetworkDefinition.Modes.Contains(mode)) throw CliException.Usage($"unknown network mode `{mode}`", $"use one of {string.Join(", ", NetworkDefinition.Modes)}");
        var config = new NetworksConfig(context.Paths);
        if (config.Read().Any(network => network.Name == name)) throw new CliException($"network `{name}` already exists", "choose another name");
        config.Add(Define(name, mode, parsed.GetValue(_gateway), parsed.GetValue(_interface)));
        return Task.FromResult(ExitCodes.Success);
    }

    private static NetworkDefinition Define(string name, string mode, string? gateway, string? nic)
    {
        if (mode == NetworkDefinition.Bridged)
        {
            if (gateway is not null) throw CliException.Usage($"network mode `{mode}` does not support specifying gateway");
            if (nic is null) throw CliException.Usage($"network mode `{mode}` requires specifying interface", "for example --interface=en1");
            if (Identifier.Problem(nic, "interface") is { } problem) throw CliException.Usage(problem);
            return new NetworkDefinition(name, mode, Interface: nic);
        }

        if (gateway is null) throw CliException.Usage($"network mode `{mode}` requires specifying gateway", "for example --gateway=192.168.42.1/24");
        if (nic is not null) throw CliException.Usage($"network mode `{mode}` does not support specifying interface");
        var parts = (gateway.Contains('/') ? gateway : gateway + "/24").Split('/', 2);
        if (!IPAddress.TryParse(parts[0], out var address) || address.AddressFamily != AddressFamily.InterNetwork || parts[0].Count(c => c == '.') != 3
            || !int.TryParse(parts[1], out var bits) || bits is < 0 or > 32)
            throw CliException.Usage($"failed to parse CIDR `{Printable.Line(gateway)}`", "write it as 192.168.42.1/24");
        if (address.Equals(IPAddress.Any) || IPAddress.IsLoopback(address)) throw CliException.Usage($"invalid IP address: {address}");
        var network = new NetworkDefinition(name, mode, address.ToString(), Mask(bits));
        // What could never be brought up is not written down.
        if (mode == NetworkDefinition.UserV2 && NetworkPlan.Of(name, network.Gateway, network.Netmask, network.DhcpEnd, out var wrong) is null) throw CliException.Usage(wrong);
        return network;
    }

    private static string Mask(int bits)
    {
        var mask = bits == 0 ? 0 : uint.MaxValue << (32 - bits);
        return $"{mask >> 24}.{(mask >> 16) & 255}.{(mask >> 8) & 255}.{mask & 255}";
    }
}

/// <summary><c>limactl network delete</c>.</summary>
internal sealed class NetworkDeleteCommand : CliCommand
{
    private readonly Argument<string[]> _names = new("NETWORK") { Description = "networks to delete", Arity = ArgumentArity.OneOrMore };
    private readonly Option<bool> _force = Flag("--force", "really delete it (always required)", "-f");

    public NetworkDeleteCommand() : base("delete", "Delete networks", CommandGroup.Advanced, "limactl network delete --force dev")
    {
        Aliases.Add("remove");
        Aliases.Add("rm");
        Add(_names);
        Add(_force);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        if (!parsed.GetValue(_force)) throw new CliException("`limactl network delete` currently always requires `--force`");
        var config = new NetworksConfig(context.Paths);
        var known = config.Read();
        foreach (var name in parsed.GetValue(_names)!)
        {
            if (known.FirstOrDefault(network => network.Name == name) is not { } network)
            {
                context.Log.Warn($"Ignoring non-existent network `{name}`");
                continue;
            }

            if (network.Mode == NetworkDefinition.UserV2) await RequireUnusedAsync(name, context, cancel);
            config.Remove(name);
        }

        return ExitCodes.Success;
    }

    // An instance whose network is gone can neither be started nor be changed without an error.
    private static async Task RequireUnusedAsync(string name, CliContext context, CancellationToken cancel)
    {
        if ((await context.Client.NetworksAsync(cancel)).Networks.FirstOrDefault(network => network.Name == name) is not { } kept) return;
        var users = kept.Users.Union(kept.Members.Select(member => member.Instance)).Order(StringComparer.Ordinal).ToList();
        if (users.Count == 0) return;
        throw new CliException(
            $"cannot delete network `{name}` in use by {(users.Count == 1 ? "instance" : "instances")} {string.Join(", ", users.Select(user => $"`{user}`"))}",
            "stop them and take it out of their `networks` with `limactl edit`, or delete them");
    }
}
