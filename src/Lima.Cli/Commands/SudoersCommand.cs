using System.CommandLine;

namespace Lima.Cli.Commands;

/// <summary><c>limactl sudoers</c>, which has a meaning on macOS only.</summary>
internal sealed class SudoersCommand : CliCommand
{
    public SudoersCommand() : base("sudoers", "Generate rules of sudo for networks (macOS only)", CommandGroup.Advanced, "limactl sudoers")
    {
        Add(new Argument<string?>("FILE") { Description = "file to check", Arity = ArgumentArity.ZeroOrOne });
        Add(Flag("--check", "check the file instead"));
    }

    public override Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel) =>
        throw new CliException("sudoers command is only supported on macOS right now");
}
