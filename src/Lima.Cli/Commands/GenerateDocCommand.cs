using System.CommandLine;
using Lima.Cli.Reference;

namespace Lima.Cli.Commands;

/// <summary><c>limactl generate-doc</c>: the command reference as files, for packagers.</summary>
internal sealed class GenerateDocCommand : CliCommand
{
    private readonly Argument<string> _directory = new("DIR") { Description = "directory to write to; made when it is missing" };
    private readonly Option<string?> _type = Text("--type", "TYPE", "man or docsy (default: man)");
    private readonly Option<string?> _output = Text("--output", "DIR", "directory to be named otherwise in the pages");
    private readonly Option<string?> _prefix = Text("--prefix", "DIR", "what to call that directory");

    public GenerateDocCommand() : base(
        "generate-doc", "Write the command reference", CommandGroup.Hidden, "limactl generate-doc --type=man ./man1", "limactl generate-doc --type=docsy ./reference")
    {
        Add(_directory);
        Add(_type);
        Add(_output);
        Add(_prefix);
    }

    public override Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var type = parsed.GetValue(_type) ?? "man";
        if (type is not ("man" or "docsy")) throw CliException.Usage($"unknown type `{type}`", "use man or docsy");
        var directory = Path.GetFullPath(parsed.GetRequiredValue(_directory), context.World.WorkingDirectory);
        var pages = ReferencePage.All(CommandTable.Build([]).Root);
        try
        {
            Directory.CreateDirectory(directory);
            foreach (var page in pages)
            {
                var (file, text) = type == "man"
                    ? ($"{page.Name}.1", ManPage.Write(page))
                    : ($"{MarkdownPage.FileName(page.Name)}.md", MarkdownPage.Write(page));
                File.WriteAllText(Path.Combine(directory, file), Renamed(text, parsed, context.World));
            }

            if (type == "man") File.WriteAllText(Path.Combine(directory, "lima.1"), ManPage.Write(Lima));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"the reference cannot be written to `{directory}`: {e.Message}", "name a directory that you may write to");
        }

        context.Log.Info($"Wrote the reference to `{directory}`");
        return Task.FromResult(ExitCodes.Success);
    }

    // Pages must not tell where and by whom they were made.
    private string Renamed(string text, ParseResult parsed, CliWorld world)
    {
        if (parsed.GetValue(_output) is { Length: > 0 } output && parsed.GetValue(_prefix) is { Length: > 0 } prefix)
            text = text.Replace(Path.GetFullPath(output, world.WorkingDirectory), prefix);
        return world.UserHome.Length > 1 ? text.Replace(world.UserHome, "~") : text;
    }

    private static ReferencePage Lima { get; } = new(
        "lima",
        "run a command in an instance",
        "lima [OPTIONS] [COMMAND…]",
        [("COMMAND", "command to run in the instance; a control verb such as start or stop acts on instances instead, unless it follows --")],
        [],
        ["lima uname -a", "lima start", "LIMA_INSTANCE=web lima sudo systemctl status nginx"],
        ["limactl"]);
}
