using System.CommandLine;

namespace Lima.Cli.Commands;

/// <summary><c>limactl completion</c>.</summary>
internal sealed class CompletionCommand : CliCommand
{
    private readonly Argument<string> _shell = new("SHELL") { Description = "bash, zsh, fish or powershell" };

    public CompletionCommand() : base(
        "completion",
        "Print a completion script for a shell",
        CommandGroup.Advanced,
        "source <(limactl completion bash)",
        "limactl completion zsh > \"${fpath[1]}/_limactl\"",
        "limactl completion fish > ~/.config/fish/completions/limactl.fish",
        "limactl completion powershell | Out-String | Invoke-Expression")
    {
        _shell.AcceptOnlyFromAmong(CompletionScripts.Shells);
        Add(_shell);
    }

    public override Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        context.World.Out.Write(CompletionScripts.For(parsed.GetRequiredValue(_shell)));
        return Task.FromResult(ExitCodes.Success);
    }
}
