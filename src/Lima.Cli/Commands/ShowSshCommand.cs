using System.CommandLine;
using Lima.Cli.Shell;

namespace Lima.Cli.Commands;

/// <summary><c>limactl show-ssh</c>.</summary>
internal sealed class ShowSshCommand : CliCommand
{
    private readonly Argument<string> _name = new("INSTANCE") { Description = "instance to reach" };
    private readonly Option<string?> _format = Text("--format", "FORMAT", $"{string.Join(", ", SshOptions.Formats)} (default: cmd)", "-f");

    public ShowSshCommand() : base(
        "show-ssh", "Show the SSH command line (deprecated; use `ssh -F`)", CommandGroup.Advanced,
        "limactl show-ssh web", "limactl show-ssh --format=config web")
    {
        Add(_name);
        Add(_format);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var name = parsed.GetRequiredValue(_name);
        var format = parsed.GetValue(_format) ?? "cmd";
        if (!SshOptions.Formats.Contains(format)) throw CliException.Usage($"unknown format: `{format}`", $"use one of {string.Join(", ", SshOptions.Formats)}");
        var instance = await context.Client.FindAsync(name, cancel)
            ?? throw new CliException($"instance `{name}` does not exist, run `limactl create {name}` to create a new instance");
        var file = instance.SshConfigFile ?? Path.Combine(instance.Dir, "ssh.config");
        context.Log.Warn($"`limactl show-ssh` is deprecated. Instead, use `ssh -F {file} {instance.Hostname}`.");
        context.World.Out.Write(SshOptions.Text(format, instance.Hostname, SshOptions.Read(file, name)));
        return ExitCodes.Success;
    }
}
