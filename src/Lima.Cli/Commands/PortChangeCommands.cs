using System.CommandLine;
using Lima.Cli.Output;
using Lima.Contracts;
using Lima.Domain.PortForwarding;

namespace Lima.Cli.Commands;

/// <summary><c>limactl port add</c>.</summary>
internal sealed class PortAddCommand : CliCommand
{
    private readonly Argument<string> _name = PortCommand.Instance();
    private readonly Argument<string[]> _ports = new("PORT")
    {
        Description = "[HOSTIP:]HOSTPORT:[GUESTIP:]GUESTPORT[/tcp|/udp]; a port may be a range FIRST-LAST or the path of a socket, the host's also `auto`", Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string?> _proto = PortArguments.Protocol();
    private readonly Option<bool> _static = Flag("--static", "whether or not anything listens in the guest");
    private readonly Option<bool> _reverse = Flag("--reverse", "from a socket of the guest to one of the host");
    private readonly Option<bool> _save = Flag("--save", "also write it into lima.yaml; without this it lasts until the instance stops");

    public PortAddCommand() : base(
        "add", "Forward ports or sockets, at once when the instance runs", CommandGroup.Advanced,
        "limactl port add web 8080:80", "limactl port add web 0.0.0.0:8443:443/tcp 9000-9009:9000-9009", "limactl port add web auto:80",
        "limactl port add --save web 5433:5432", "limactl port add web ~/docker.sock:/var/run/docker.sock")
    {
        Add(_name);
        Add(_ports);
        Add(_proto);
        Add(_static);
        Add(_reverse);
        Add(_save);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var (name, save) = (parsed.GetRequiredValue(_name), parsed.GetValue(_save));
        var options = (parsed.GetValue(_static) ? ",static=true" : "") + (parsed.GetValue(_reverse) ? ",reverse=true" : "");
        List<string> rules = [.. parsed.GetRequiredValue(_ports).Select(text => PortArguments.With(text, parsed.GetValue(_proto), context.World) + options)];
        var written = PortArguments.Read(rules);
        var work = new InstanceWork(context);
        var instance = await work.RequireAsync(name, cancel);
        await work.ChangePortsAsync(name, "add", id => new PortsRequest { CommandId = id, Ports = rules, Save = save }, cancel);
        if (instance.DriverPid is null && instance.Status != "Starting")
        {
            context.Log.Info($"Instance `{name}` forwards {string.Join(", ", written)} from its next start on");
            return ExitCodes.Success;
        }

        var now = await PortArguments.SettledAsync(context, name, cancel);
        var problems = written.SelectMany(rule => now.Forwards.Where(port => port.Rule == rule && !port.Own)).Where(port => !Tell(port, context.Log, save)).ToList();
        return problems.Count == 0
            ? ExitCodes.Success
            : throw new CliException(
                string.Join("; ", problems.Select(port => $"{port.HostAddress} is not forwarded: {port.Problem?.Message ?? port.State}")),
                $"{problems[0].Problem?.Hint ?? "it is tried again by itself"}; see `limactl port list {name}`");
    }

    /// <summary>False when it is not as wanted.</summary>
    private static bool Tell(PortView port, Log log, bool save)
    {
        var (protocol, until) = (port.Protocol == "any" ? "" : port.Protocol.ToUpperInvariant() + " ", save ? "" : " until the instance stops");
        switch (port.State)
        {
            case "forwarding":
                log.Info($"Forwarding {protocol}from {port.GuestAddress} to {port.HostAddress}{until}");
                if (port.Problem is { } warning) log.Warn(warning.Message);
                return true;
            case "waiting":
                log.Info($"Forwarding {protocol}from {port.GuestAddress} to {port.HostAddress}{until}, once something listens there");
                return true;
            default:
                return false;
        }
    }
}

/// <summary><c>limactl port remove</c>.</summary>
internal sealed class PortRemoveCommand : CliCommand
{
    private readonly Argument<string> _name = PortCommand.Instance();
    private readonly Argument<string[]> _ports = new("PORT") { Description = "the host's end ([IP:]PORT or a socket), or the whole as `add` takes it", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> _proto = PortArguments.Protocol();
    private readonly Option<bool> _save = Flag("--save", "also take it out of lima.yaml; without this it is back after a stop");

    public PortRemoveCommand() : base(
        "remove", "Forward ports or sockets no longer, also those that are forwarded by themselves", CommandGroup.Advanced,
        "limactl port remove web 8080", "limactl port rm --save web 5433:5432/tcp")
    {
        Aliases.Add("rm");
        Add(_name);
        Add(_ports);
        Add(_proto);
        Add(_save);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var (name, save) = (parsed.GetRequiredValue(_name), parsed.GetValue(_save));
        List<string> ports = [.. parsed.GetRequiredValue(_ports).Select(text => PortArguments.With(text, parsed.GetValue(_proto), context.World))];
        var work = new InstanceWork(context);
        await work.RequireAsync(name, cancel);
        await work.ChangePortsAsync(name, "remove", id => new PortsRequest { CommandId = id, Ports = ports, Save = save }, cancel);
        await PortArguments.SettledAsync(context, name, cancel);
        context.Log.Info($"Instance `{name}` forwards {string.Join(", ", ports)} no longer{(save ? "" : " until it stops")}");
        return ExitCodes.Success;
    }
}

/// <summary>What the commands about forwards have in common.</summary>
internal static class PortArguments
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15), Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>The protocol.</summary>
    public static Option<string?> Protocol()
    {
        var option = new Option<string?>("--proto") { Description = "tcp, udp or any (default)", HelpName = "PROTO" };
        option.AcceptOnlyFromAmong("tcp", "udp", "any");
        return option;
    }

    /// <summary>A port as the host takes it: with its protocol, and with the user's home for a <c>~</c> that the shell has left.</summary>
    public static string With(string text, string? protocol, CliWorld world)
    {
        if (text.StartsWith("~/", StringComparison.Ordinal)) text = world.UserHome + text[1..];
        return protocol is null or "any" || text.EndsWith("/tcp", StringComparison.Ordinal) || text.EndsWith("/udp", StringComparison.Ordinal) ? text : $"{text}/{protocol}";
    }

    /// <summary>The rules in their shortest form.</summary>
    /// <exception cref="CliException">Some are none; all are named.</exception>
    public static IReadOnlyList<string> Read(IEnumerable<string> rules)
    {
        var (read, problems) = (new List<string>(), new List<string>());
        foreach (var text in rules)
        {
            if (PortRuleText.TryParse(text, out var rule, out var problem)) read.Add(PortRuleText.Of(rule));
            else problems.Add(problem);
        }

        return problems.Count == 0 ? read : throw CliException.Usage(Printable.Line(string.Join("; ", problems)), "write it as 8080:80, 0.0.0.0:8080:80, 5353:53/udp or auto:80");
    }

    /// <summary>Asks until what was accepted is carried out; how it is then, or when that takes too long.</summary>
    public static async Task<PortList> SettledAsync(CliContext context, string name, CancellationToken cancel)
    {
        var started = context.World.Clock.GetTimestamp();
        while (true)
        {
            var now = await context.Client.PortsAsync(name, cancel);
            if (!now.Pending) return now;
            if (context.World.Clock.GetElapsedTime(started) > Limit)
            {
                context.Log.Warn($"Instance `{name}` takes that up once its guest is reached; see `limactl port list {name}`");
                return now;
            }

            await Task.Delay(Pause, context.World.Clock, cancel);
        }
    }
}
