using System.CommandLine;
using Lima.Cli.Shell;

namespace Lima.Cli.Commands;

/// <summary>
/// <c>limactl shell</c>. The options here are for help and completion: the words after the instance belong to the guest,
/// so <see cref="ShellOptions"/> reads them instead of the general parser.
/// </summary>
internal sealed class ShellCommand : CliCommand
{
    public ShellCommand() : base(
        "shell",
        "Run a shell or a command in an instance",
        CommandGroup.Basic,
        "limactl shell web",
        "limactl shell web uname -a",
        "limactl shell --workdir / web ls -l",
        "limactl shell --sync . web make",
        "limactl shell web sh -c 'echo $HOME'")
    {
        Add(Text("--shell", "SHELL", "shell to use (default: the user's own in the instance)"));
        Add(Text("--workdir", "DIRECTORY", "directory to start in; it must exist"));
        Add(Flag("--preserve-env", "take the host's environment along (see LIMA_SHELLENV_BLOCK and LIMA_SHELLENV_ALLOW)"));
        Add(Text("--sync", "DIR", "copy DIR into the instance, start there, and bring back what changed"));
        Add(Flag("--reconnect", "end the shared connection and connect anew"));
        Add(Flag("--start", "start the instance without asking when it is stopped"));
        Add(new Argument<string>("INSTANCE") { Description = "instance" });
        Add(new Argument<string[]>("COMMAND") { Description = "command and its arguments (default: an interactive shell)", Arity = ArgumentArity.ZeroOrMore });
    }

    public override Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel) =>
        GuestShell.RunAsync(context, ShellOptions.Parse([.. parsed.Tokens.SkipWhile(token => token.Value != Name).Skip(1).Select(token => token.Value)]), cancel);
}
