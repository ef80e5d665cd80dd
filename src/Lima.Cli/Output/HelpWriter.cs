using System.CommandLine;
using Lima.Cli.Commands;
using Lima.Cli.Plugins;

namespace Lima.Cli.Output;

/// <summary>Help texts: commands by group for the whole program, and usage, options and examples for each command.</summary>
internal static class HelpWriter
{
    private const int Indent = 2;
    private const int Width = 80;
    private const int LeftMax = 27;

    /// <summary>Help of the program.</summary>
    public static void WriteRoot(Command root, IReadOnlyList<Plugin> plugins, TextWriter output)
    {
        output.Write("limactl: Linux virtual machines\n\nUsage:\n  limactl [OPTIONS] COMMAND\n");
        foreach (var (group, title) in new[] { (CommandGroup.Basic, "Basic Commands:"), (CommandGroup.Advanced, "Advanced Commands:") })
        {
            output.Write($"\n{title}\n");
            WriteColumns(output, root.Subcommands.OfType<CliCommand>().Where(command => command.Group == group).Select(command => (command.Name, command.Description ?? "")));
        }

        Section(output, "Available Plugins (Experimental):", plugins.Select(plugin => (plugin.Name, plugin.Description)));
        Section(output, "Topics (`limactl help TOPIC`):", HelpTopics.All);
        output.Write("\nOptions:\n");
        WriteColumns(output, root.Options.Select(Row));
        output.Write("\nSee `limactl COMMAND --help` for a command.\n");
    }

    /// <summary>Help of one command.</summary>
    public static void Write(CliCommand command, TextWriter output)
    {
        var path = Path(command);
        output.Write($"{command.Description}\n\nUsage:\n  {Usage(command)}\n");
        if (command.Aliases.Count > 0) output.Write($"\nAliases:\n  {string.Join(", ", [command.Name, .. command.Aliases])}\n");
        Section(output, "Commands:", command.Subcommands.OfType<CliCommand>().Select(sub => (sub.Name, sub.Description ?? "")));
        Section(output, "Arguments:", command.Arguments.Select(argument => (argument.Name, argument.Description ?? "")));
        Section(output, "Options:", command.Options.Where(option => !option.Hidden).Select(Row));
        if (command.Examples.Count > 0) output.Write($"\nExamples:\n{string.Concat(command.Examples.Select(example => $"  {example}\n"))}");
        output.Write(command.Subcommands.Count > 0 ? $"\nSee `{path} COMMAND --help` for a command.\n" : "\nSee `limactl --help` for global options.\n");
    }

    /// <summary>One line that shows how the command is written.</summary>
    public static string Usage(Command command)
    {
        var arguments = command.Arguments.Select(argument => (argument.Arity.MinimumNumberOfValues, argument.Arity.MaximumNumberOfValues) switch
        {
            (0, <= 1) => $"[{argument.Name}]",
            (0, _) => $"[{argument.Name}…]",
            (_, <= 1) => argument.Name,
            _ when argument.Name.Contains('…') => argument.Name,
            _ => $"{argument.Name}…",
        });
        List<string> words = [Path(command)];
        if (command.Options.Any(option => !option.Hidden)) words.Add("[OPTIONS]");
        if (command.Subcommands.Count > 0) words.Add("COMMAND");
        return string.Join(' ', words.Concat(arguments));
    }

    /// <summary>The words that lead to a command (<c>limactl image pull</c>).</summary>
    public static string Path(Symbol command)
    {
        var parent = command.Parents.FirstOrDefault();
        return parent is null ? command.Name : $"{Path(parent)} {command.Name}";
    }

    private static void Section(TextWriter output, string title, IEnumerable<(string, string)> rows)
    {
        var list = rows.ToList();
        if (list.Count == 0) return;
        output.Write($"\n{title}\n");
        WriteColumns(output, list);
    }

    private static (string, string) Row(Option option)
    {
        var names = string.Join(", ", option.Aliases.Append(option.Name).OrderBy(name => name.Length));
        if (!names.Contains(", ")) names = "    " + names;
        return (option.HelpName is { } value ? $"{names} {value}" : names, option.Description ?? "");
    }

    private static void WriteColumns(TextWriter output, IEnumerable<(string Left, string Right)> rows)
    {
        var list = rows.ToList();
        var left = Math.Min(list.Select(row => row.Left.Length).DefaultIfEmpty(0).Max(), LeftMax) + 2;
        foreach (var row in list)
        {
            var lines = Wrapped(row.Right, Width - Indent - left).ToList();
            // A long name stands alone, and what it means begins on the next line.
            if (row.Left.Length > LeftMax) lines.Insert(0, "");
            for (var at = 0; at < lines.Count; at++)
                output.Write($"{new string(' ', Indent)}{(at == 0 ? row.Left : "").PadRight(left)}{lines[at]}".TrimEnd() + "\n");
        }
    }

    private static IEnumerable<string> Wrapped(string text, int width)
    {
        var line = "";
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = "";
            }

            line = line.Length == 0 ? word : $"{line} {word}";
        }

        yield return line;
    }
}
