using System.CommandLine;
using Lima.Cli.Client;
using Lima.Cli.Edits;

namespace Lima.Cli.Commands;

/// <summary>What <c>clone</c> and <c>rename</c> share: two names, edit flags, and a start afterwards.</summary>
internal abstract class NewNameCommand : CliCommand
{
    private readonly Argument<string> _old = new("OLDINST") { Description = "instance there is" };
    private readonly Argument<string> _new;
    private readonly StartAfter _start;
    private readonly EditFlags _flags;

    protected NewNameCommand(string verb, string description, string newDescription, string after, params string[] examples)
        : base(verb, description, CommandGroup.Advanced, examples)
    {
        _new = new Argument<string>("NEWINST") { Description = newDescription };
        Add(_old);
        Add(_new);
        _start = new StartAfter(this, after);
        _flags = new EditFlags(this);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        context.WarnYes();
        var (name, newName) = (parsed.GetRequiredValue(_old), parsed.GetRequiredValue(_new));
        var work = new InstanceWork(context);
        var made = await work.NewNameAsync(Name, name, newName, cancel);
        if (Name == "rename" && await new AutostartUnit(context.World, context.Paths).ForgetAsync(name, cancel))
            context.Log.Warn($"Instance `{name}` was registered to start at login; run `limactl autostart enable {newName}` to have `{newName}` started");
        await work.ApplyAsync(_flags, parsed, made, cancel);
        await _start.RunAsync(parsed, context, newName, cancel);
        return ExitCodes.Success;
    }
}

/// <summary><c>limactl clone</c>.</summary>
internal sealed class CloneCommand() : NewNameCommand(
    "clone", "Clone an instance with its disk", "name of the clone", "cloning", "limactl clone web web-2", "limactl clone --cpus=2 --start web web-2");

/// <summary><c>limactl rename</c>.</summary>
internal sealed class RenameCommand() : NewNameCommand(
    "rename", "Rename an instance", "its other name", "renaming", "limactl rename web shop", "limactl rename --start web shop");
