using System.CommandLine;

namespace Lima.Cli.Commands;

/// <summary>Where a command stands in the help.</summary>
internal enum CommandGroup
{
    /// <summary>What one needs every day.</summary>
    Basic,
    /// <summary>The rest.</summary>
    Advanced,
    /// <summary>Not shown.</summary>
    Hidden,
}

/// <summary>A command: its options and arguments, its help, and what it does.</summary>
internal abstract class CliCommand(string name, string description, CommandGroup group, params string[] examples) : Command(name, description)
{
    /// <summary>Where it stands in the help.</summary>
    public CommandGroup Group { get; } = group;

    /// <summary>Command lines shown in its help.</summary>
    public IReadOnlyList<string> Examples { get; } = examples;

    /// <summary>Carries it out; the result is the exit status.</summary>
    /// <exception cref="CliException">It did not work; the message is for the user.</exception>
    public abstract Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel);

    /// <summary>An argument taking any number of instance names.</summary>
    protected static Argument<string[]> InstanceNames(string description, bool required = false) => new("INSTANCE")
    {
        Description = description,
        Arity = required ? ArgumentArity.OneOrMore : ArgumentArity.ZeroOrMore,
    };

    /// <summary>An option that is there or not.</summary>
    protected static Option<bool> Flag(string name, string description, params string[] aliases) =>
        new(name, aliases) { Description = description };

    /// <summary>An option with a text as its value.</summary>
    protected static Option<string?> Text(string name, string valueName, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = valueName };
}

/// <summary>A command that only holds others.</summary>
internal abstract class CliCommandFamily(string name, string description, CommandGroup group, params string[] examples)
    : CliCommand(name, description, group, examples)
{
    /// <inheritdoc/>
    public override Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        Output.HelpWriter.Write(this, context.World.Out);
        return Task.FromResult(ExitCodes.Success);
    }
}
