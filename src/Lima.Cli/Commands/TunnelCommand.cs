using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Lima.Cli.Shell;

namespace Lima.Cli.Commands;

/// <summary><c>limactl tunnel</c>.</summary>
internal sealed class TunnelCommand : CliCommand
{
    private const int PortMin = 1024;
    private readonly Argument<string> _name = new("INSTANCE") { Description = "instance to go through" };
    private readonly Option<string?> _type = Text("--type", "TYPE", "kind of tunnel: socks (default: socks)");
    private readonly Option<int> _port = new("--socks-port") { Description = $"port on 127.0.0.1, {PortMin} to 65535 (default: a free one)", HelpName = "PORT" };

    public TunnelCommand() : base(
        "tunnel", "Open a SOCKS proxy into an instance's network", CommandGroup.Advanced, "limactl tunnel web", "limactl tunnel --socks-port=1080 web")
    {
        Add(_name);
        Add(_type);
        Add(_port);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        context.Log.Warn("`limactl tunnel` is experimental");
        if (parsed.GetValue(_type) is { } type and not "socks") throw CliException.Usage($"unknown tunnel type: `{type}`", "there is socks");
        var port = parsed.GetValue(_port);
        if (port is not 0 and (< PortMin or > IPEndPoint.MaxPort)) throw CliException.Usage($"invalid socks port {port}", $"it must be 0, or {PortMin} to {IPEndPoint.MaxPort}");
        var name = parsed.GetRequiredValue(_name);
        var config = await new GuestAccess(context).ReachAsync(name, start: false, mayAsk: false, cancel);
        if (port == 0) port = Free();
        var exit = await Child.AttachedAsync(context.World, Request(context.World, context.Paths.Instance(name), config.Alias, port), cancel);
        if (exit != 0) return exit;
        context.World.Out.Write($"Set `ALL_PROXY=socks5h://127.0.0.1:{port}`, etc.\n");
        context.World.Out.Write($"The instance can be connected from the host as <http://{config.Alias}.internal> via a web browser.\n");
        return ExitCodes.Success;
    }

    /// <summary>
    /// OpenSSH, which goes into the background once the port is open. The connection is one of its own: over the shared one
    /// the port would belong to whatever process happens to hold that.
    /// </summary>
    public static ExecRequest Request(CliWorld world, string directory, string alias, int port)
    {
        var words = SshProgram.Words(world);
        return new ExecRequest(
            words[0],
            [
                .. words, "-F", Path.Combine(directory, "ssh.config"), "-o", "ControlMaster=no", "-o", "ControlPath=none", "-o", "ExitOnForwardFailure=yes",
                "-o", "LogLevel=ERROR", "-f", "-N", "-D", $"127.0.0.1:{port}", alias,
            ]);
    }

    private static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
