using System.CommandLine;
using System.Text.Json;
using Lima.Cli.Output;
using Lima.Contracts;

namespace Lima.Cli.Commands;

/// <summary><c>limactl dns</c>: names of instances on this machine. By itself it shows them, whether programs find them, and what to do about it.</summary>
internal sealed class DnsCommand : CliCommandFamily
{
    private readonly Option<bool> _json = Flag("--json", "print one JSON object");

    public DnsCommand() : base("dns", "Show names of instances, and how programs of this machine find them", CommandGroup.Advanced, "limactl dns", "limactl dns enable")
    {
        Add(_json);
        Add(new DnsEnableCommand());
        Add(new DnsDisableCommand());
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var view = await context.Client.DnsAsync(cancel);
        context.World.Out.Write(parsed.GetValue(_json) ? JsonSerializer.Serialize(view, ContractsJson.Default.DnsView) + "\n" : DnsText.Status(view));
        return ExitCodes.Success;
    }
}

/// <summary><c>limactl dns enable</c>.</summary>
internal sealed class DnsEnableCommand : CliCommand
{
    private const int UsualPort = 5354;
    private readonly Option<int> _port = new("--port") { Description = "port of 127.0.0.1, UDP and TCP", HelpName = "PORT", DefaultValueFactory = _ => UsualPort };

    public DnsEnableCommand() : base(
        "enable", "Answer for names of instances at a port of 127.0.0.1, from now on", CommandGroup.Advanced, "limactl dns enable", "limactl dns enable --port 5355") => Add(_port);

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var port = parsed.GetValue(_port);
        if (port is < 1 or > ushort.MaxValue) throw CliException.Usage($"{port} is no port; use a number from 1 to 65535");
        var view = await context.Client.SetDnsAsync(new DnsRequest { Port = port }, cancel);
        context.Log.Info($"The host answers for `{view.Domain}` at 127.0.0.1:{view.Port}");
        if (!view.Works) context.World.Out.Write(DnsText.HowTo(view));
        return ExitCodes.Success;
    }
}

/// <summary><c>limactl dns disable</c>.</summary>
internal sealed class DnsDisableCommand() : CliCommand("disable", "Answer no more for names of instances", CommandGroup.Advanced, "limactl dns disable")
{
    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var view = await context.Client.SetDnsAsync(new DnsRequest { Port = 0 }, cancel);
        context.Log.Info($"The host does not answer for `{view.Domain}`");
        return ExitCodes.Success;
    }
}
