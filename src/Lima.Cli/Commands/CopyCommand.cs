using System.CommandLine;
using Lima.Cli.Copying;
using Lima.Cli.Output;

namespace Lima.Cli.Commands;

/// <summary><c>limactl copy</c>.</summary>
internal sealed class CopyCommand : CliCommand
{
    private const int OperandsMax = 100_000;

    private readonly Argument<string[]> _operands = new("SOURCE… TARGET")
    {
        Description = "what to copy, and last where to; INSTANCE:PATH is in a guest, relative to the home there",
        Arity = new ArgumentArity(2, OperandsMax),
    };

    private readonly Option<bool> _recursive = Flag("--recursive", "copy directories with all that is in them", "-r");
    private readonly Option<bool> _verbose = Flag("--verbose", "show what is done", "-v");
    private readonly Option<string?> _backend = Text("--backend", "NAME", $"{string.Join(", ", CopyTool.Backends)} (default: auto)");

    public CopyCommand() : base(
        "copy", "Copy files between this machine and instances", CommandGroup.Advanced,
        "limactl copy ./notes.txt web:", "limactl copy -r web:/var/log/nginx .", "limactl copy web:data.csv db:/tmp/", "limactl copy --backend=rsync -r ./site/ web:/srv/site")
    {
        Aliases.Add("cp");
        Add(_operands);
        Add(_recursive);
        Add(_verbose);
        Add(_backend);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var options = new CopyOptions(parsed.GetValue(_recursive), parsed.GetValue(_verbose) || context.Options.LogLevel <= LogLevel.Debug);
        CopyOperand[] operands = [.. parsed.GetRequiredValue(_operands).Select(CopyOperand.Parse)];
        var request = await new CopyTool(context, options).ChooseAsync(parsed.GetValue(_backend) ?? "auto", operands, cancel);
        context.Log.Debug($"executing {string.Join(' ', request.Arguments.Select(Shell.ShellQuote.Word))}");
        return context.World.Exec(request);
    }
}
