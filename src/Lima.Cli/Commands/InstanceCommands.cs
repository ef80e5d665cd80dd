using System.CommandLine;
using Lima.Cli.Edits;

namespace Lima.Cli.Commands;

/// <summary>Runs one action for each of several instances at once, and joins what went wrong.</summary>
internal static class ForEach
{
    /// <summary>Exit status 0 when all went well; else every failure has been logged and the last one is thrown.</summary>
    public static async Task<int> RunAsync(CliContext context, IReadOnlyList<string> names, Func<string, Task> action)
    {
        if (names.Count == 1)
        {
            await action(names[0]);
            return ExitCodes.Success;
        }

        var failures = new List<CliException>();
        await Task.WhenAll(names.Distinct().Select(One));
        if (failures.Count == 0) return ExitCodes.Success;
        foreach (var failure in failures) context.Log.Error(failure.Hint is { } hint ? $"{failure.Message} (hint: {hint})" : failure.Message);
        throw new CliException($"{failures.Count} of {names.Count} instances failed");

        async Task One(string name)
        {
            try
            {
                await action(name);
            }
            catch (CliException e)
            {
                lock (failures) failures.Add(e);
            }
        }
    }

    /// <summary>The names given, or the default instance.</summary>
    public static IReadOnlyList<string> OrDefault(CliContext context, string[]? names) =>
        names is { Length: > 0 } ? names : [context.DefaultInstance];
}

/// <summary><c>limactl stop</c>.</summary>
internal sealed class StopCommand : CliCommand
{
    private readonly Argument<string[]> _names = InstanceNames("instances to stop (default: `default`)");
    private readonly Option<bool> _force = Flag("--force", "end the virtual machine at once, as if its power failed", "-f");

    public StopCommand() : base("stop", "Stop instances", CommandGroup.Basic, "limactl stop", "limactl stop web db", "limactl stop -f web")
    {
        Add(_names);
        Add(_force);
    }

    public override Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var force = parsed.GetValue(_force);
        return ForEach.RunAsync(context, ForEach.OrDefault(context, parsed.GetValue(_names)), name => new Lifecycle(context).StopAsync(name, force, cancel));
    }
}

/// <summary><c>limactl restart</c>.</summary>
internal sealed class RestartCommand : CliCommand
{
    private readonly Argument<string?> _name = new("INSTANCE") { Description = "instance to restart (default: `default`)", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _force = Flag("--force", "end the virtual machine at once before starting it again", "-f");
    private readonly Option<bool> _progress = Flag("--progress", "show the guest's own lines");

    private readonly EditFlags _edits;

    public RestartCommand() : base(
        "restart", "Restart a running instance", CommandGroup.Basic, "limactl restart", "limactl restart -f web", "limactl restart --memory=8 web")
    {
        Add(_name);
        Add(_force);
        Add(_progress);
        _edits = new EditFlags(this);
    }

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var options = StartOptions.Default with { GuestLines = parsed.GetValue(_progress) };
        var (name, force) = (parsed.GetValue(_name) ?? context.DefaultInstance, parsed.GetValue(_force));
        if (_edits.Any(parsed)) await ChangeAsync(parsed, context, name, options, cancel);
        else await new Lifecycle(context).RestartAsync(name, force, options, cancel);
        return ExitCodes.Success;
    }

    // The configuration can only be changed in between, so this is a stop, a change and a start.
    private async Task ChangeAsync(ParseResult parsed, CliContext context, string name, StartOptions options, CancellationToken cancel)
    {
        var work = new InstanceWork(context);
        var instance = await work.RequireAsync(name, cancel);
        await new Lifecycle(context).StopAsync(name, parsed.GetValue(_force), cancel);
        await work.ApplyAsync(_edits, parsed, instance, cancel);
        await new Lifecycle(context).StartAsync(name, options, cancel);
    }
}

/// <summary><c>limactl pause</c>.</summary>
internal sealed class PauseCommand : CliCommand
{
    private readonly Argument<string[]> _names = InstanceNames("instances to pause (default: `default`)");

    public PauseCommand() : base("pause", "Freeze running instances; memory stays, nothing runs", CommandGroup.Advanced, "limactl pause web") => Add(_names);

    public override Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel) =>
        ForEach.RunAsync(context, ForEach.OrDefault(context, parsed.GetValue(_names)), name => new Lifecycle(context).PauseAsync(name, cancel));
}

/// <summary><c>limactl resume</c>.</summary>
internal sealed class ResumeCommand : CliCommand
{
    private readonly Argument<string[]> _names = InstanceNames("instances to resume (default: `default`)");

    public ResumeCommand() : base("resume", "Let paused instances go on", CommandGroup.Advanced, "limactl resume web") => Add(_names);

    public override Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel) =>
        ForEach.RunAsync(context, ForEach.OrDefault(context, parsed.GetValue(_names)), name => new Lifecycle(context).ResumeAsync(name, cancel));
}

/// <summary><c>limactl delete</c>.</summary>
internal sealed class DeleteCommand : CliCommand
{
    private readonly Argument<string[]> _names = InstanceNames("instances to delete", required: true);
    private readonly Option<bool> _force = Flag("--force", "delete although it runs", "-f");

    public DeleteCommand() : base("delete", "Delete instances and their disks", CommandGroup.Basic, "limactl delete web", "limactl rm -f web db")
    {
        Aliases.Add("remove");
        Aliases.Add("rm");
        Add(_names);
        Add(_force);
    }

    public override Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var force = parsed.GetValue(_force);
        return ForEach.RunAsync(context, parsed.GetValue(_names)!, name => new Lifecycle(context).DeleteAsync(name, force, cancel));
    }
}
