using System.CommandLine;
using System.Text.Json;
using Lima.Cli.Output;
using Lima.Contracts;

namespace Lima.Cli.Commands;

/// <summary><c>limactl port</c>: ports and sockets of guests on this machine.</summary>
internal sealed class PortCommand : CliCommandFamily
{
    public PortCommand() : base(
        "port", "Manage port forwards of instances", CommandGroup.Advanced,
        "limactl port list web", "limactl port add web 8080:80", "limactl port add web 0.0.0.0:5353:53/udp auto:443", "limactl port remove web 8080")
    {
        Add(new PortListCommand());
        Add(new PortAddCommand());
        Add(new PortRemoveCommand());
    }

    /// <summary>The instance's name.</summary>
    public static Argument<string> Instance() => new("INSTANCE") { Description = "the instance" };
}

/// <summary><c>limactl port list</c>.</summary>
internal sealed class PortListCommand : CliCommand
{
    private readonly Argument<string> _name = PortCommand.Instance();
    private readonly Option<bool> _json = Flag("--json", "one JSON object a line");
    private readonly Option<string?> _format = Text("--format", "FORMAT", "json, table (default), or a Go template such as '{{.HostAddress}}'", "-f");

    public PortListCommand() : base(
        "list", "List forwards and how they are", CommandGroup.Advanced,
        "limactl port list web", "limactl port ls --json web", "limactl port list --format '{{.GuestAddress}} {{.HostAddress}}' web")
    {
        Aliases.Add("ls");
        Add(_name);
        Add(_json);
        Add(_format);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var (name, json, format) = (parsed.GetRequiredValue(_name), parsed.GetValue(_json), parsed.GetValue(_format));
        if (json && format is not null) throw CliException.Usage("option --json conflicts with option --format");
        var ports = (await context.Client.PortsAsync(name, cancel)).Forwards;
        if (json || format == "json")
            context.World.Out.Write(string.Concat(ports.Select(port => JsonSerializer.Serialize(port, ContractsJson.Default.PortView) + "\n")));
        else if (format is not (null or "table"))
            context.World.Out.Write(ListTemplate.Forwards(format, ports));
        else if (ports.Count == 0)
            context.Log.Warn($"Instance `{name}` forwards nothing now.");
        else
            context.World.Out.Write(Rows(ports));
        return ExitCodes.Success;
    }

    private static string Rows(IReadOnlyList<PortView> ports) => Table.Format(
    [
        ["PROTO", "GUEST", "HOST", "STATE", "PATH", "NOTE"],
        .. ports.Select(port => (IReadOnlyList<string>)
            [port.Protocol, Printable.Line(port.GuestAddress), port.HostAddress.Length == 0 ? "-" : Printable.Line(port.HostAddress), port.State, port.Path ?? "-", Note(port)]),
    ]);

    private static string Note(PortView port)
    {
        if (port.Problem is { } problem) return Printable.Line(problem.Hint is { Length: > 0 } hint ? $"{problem.Message}; {hint}" : problem.Message);
        return port.Reverse ? "from the guest to the host" : port.State == "waiting" && !port.GuestAddress.StartsWith('/') ? "nothing listens there in the guest" : "";
    }
}
