using System.CommandLine;
using Lima.Cli.Client;

namespace Lima.Cli.Commands;

/// <summary><c>limactl host install</c>.</summary>
internal sealed class HostInstallCommand : CliCommand
{
    private readonly Option<bool> _print = Flag("--print", "only print the unit");

    public HostInstallCommand() : base("install", "Run the host as a systemd user service", CommandGroup.Advanced, "limactl host install", "limactl host install --print") =>
        Add(_print);

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var unit = new SystemdUnit(context.World, context.Paths);
        if (parsed.GetValue(_print))
        {
            context.World.Out.Write(unit.Text);
            return ExitCodes.Success;
        }

        await unit.InstallAsync(cancel);
        context.Log.Info($"Installed `{unit.File}`; stopping this service leaves instances running");
        return ExitCodes.Success;
    }
}

/// <summary><c>limactl host uninstall</c>.</summary>
internal sealed class HostUninstallCommand() : CliCommand("uninstall", "Remove the systemd user service", CommandGroup.Advanced, "limactl host uninstall")
{
    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var unit = new SystemdUnit(context.World, context.Paths);
        context.Log.Info(await unit.UninstallAsync(cancel) ? $"Removed `{unit.File}`" : "The service is not installed");
        return ExitCodes.Success;
    }
}
