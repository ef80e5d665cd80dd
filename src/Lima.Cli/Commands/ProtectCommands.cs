using System.CommandLine;

namespace Lima.Cli.Commands;

/// <summary>What <c>protect</c> and <c>unprotect</c> share.</summary>
internal abstract class ProtectionCommand : CliCommand
{
    private readonly Argument<string[]> _names;
    private readonly string _already;
    private readonly string _done;

    protected ProtectionCommand(string verb, string description, string already, string done)
        : base(verb, description, CommandGroup.Advanced, $"limactl {verb} web", $"limactl {verb} web db")
    {
        (_already, _done) = (already, done);
        _names = InstanceNames($"instances to {verb}", required: true);
        Add(_names);
    }

    public override Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel) =>
        ForEach.RunAsync(context, parsed.GetValue(_names)!, name => SetAsync(context, name, cancel));

    private async Task SetAsync(CliContext context, string name, CancellationToken cancel)
    {
        try
        {
            var reply = await context.Client.ProtectAsync(name, Name, cancel);
            if (reply.Changed) context.Log.Info($"{_done} `{name}`");
            else context.Log.Warn($"Instance `{name}` {_already}. Skipping.");
        }
        catch (CliException e) when (e.IsNotFound)
        {
            throw new CliException($"failed to inspect instance `{name}`: {e.Message}", e.Hint) { Code = e.Code };
        }
    }
}

/// <summary><c>limactl protect</c>.</summary>
internal sealed class ProtectCommand() : ProtectionCommand("protect", "Forbid deleting instances by accident", "is already protected", "Protected");

/// <summary><c>limactl unprotect</c>.</summary>
internal sealed class UnprotectCommand() : ProtectionCommand("unprotect", "Allow deleting instances again", "isn't protected", "Unprotected");

/// <summary><c>limactl factory-reset</c>.</summary>
internal sealed class FactoryResetCommand : CliCommand
{
    private readonly Argument<string?> _name = new("INSTANCE") { Description = "instance to reset (default: `default`)", Arity = ArgumentArity.ZeroOrOne };

    public FactoryResetCommand() : base(
        "factory-reset", "Stop an instance and remove all but its configuration", CommandGroup.Advanced, "limactl factory-reset web") => Add(_name);

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var name = parsed.GetValue(_name) ?? context.DefaultInstance;
        try
        {
            await new InstanceWork(context).FactoryResetAsync(name, cancel);
        }
        catch (CliException e) when (e.IsNotFound)
        {
            context.Log.Info($"Instance `{name}` not found");
            return ExitCodes.Success;
        }

        context.Log.Info($"Instance `{name}` has been factory reset");
        return ExitCodes.Success;
    }
}
