using System.CommandLine;
using Lima.Cli.Commands;
using Lima.Cli.Output;

namespace Lima.Cli.Reference;

/// <summary>What a page of the command reference says about one command, whatever it is written in.</summary>
/// <param name="Name">Words of the command, joined by <c>-</c> (<c>limactl-image-pull</c>).</param>
/// <param name="Summary">One sentence.</param>
/// <param name="Usage">How it is written.</param>
/// <param name="Arguments">Arguments with their meaning.</param>
/// <param name="Options">Options with their meaning.</param>
/// <param name="Examples">Command lines.</param>
/// <param name="SeeAlso">Names of the pages above and below.</param>
internal sealed record ReferencePage(
    string Name,
    string Summary,
    string Usage,
    IReadOnlyList<(string Left, string Right)> Arguments,
    IReadOnlyList<(string Left, string Right)> Options,
    IReadOnlyList<string> Examples,
    IReadOnlyList<string> SeeAlso)
{
    /// <summary>Pages of a command and of all below it that are shown in the help.</summary>
    public static IEnumerable<ReferencePage> All(Command command)
    {
        yield return Of(command);
        foreach (var sub in Shown(command))
        {
            foreach (var page in All(sub)) yield return page;
        }
    }

    private static ReferencePage Of(Command command) => new(
        PageName(command),
        command.Description ?? "",
        command is CliCommand ? HelpWriter.Usage(command) : "limactl [OPTIONS] COMMAND",
        [.. command.Arguments.Select(argument => (argument.Name, argument.Description ?? ""))],
        [.. command.Options.Where(option => !option.Hidden).Select(option => (OptionText(option), option.Description ?? ""))],
        command is CliCommand own ? own.Examples : [],
        [.. command.Parents.OfType<Command>().Select(PageName), .. Shown(command).Select(PageName)]);

    private static IEnumerable<Command> Shown(Command command) =>
        command.Subcommands.Where(sub => sub is not CliCommand { Group: CommandGroup.Hidden });

    private static string PageName(Command command) => HelpWriter.Path(command).Replace(' ', '-');

    private static string OptionText(Option option)
    {
        var names = string.Join(", ", option.Aliases.Append(option.Name).OrderBy(name => name.Length));
        return option.HelpName is { } value ? $"{names} {value}" : names;
    }
}
