using System.CommandLine;

namespace Lima.Cli.Commands;

/// <summary>The option <c>--start</c> of commands that leave a stopped instance behind, and the question in its place.</summary>
internal sealed class StartAfter
{
    private readonly Option<bool?> _start;

    /// <summary>Adds the option to a command.</summary>
    public StartAfter(Command command, string after)
    {
        _start = new Option<bool?>("--start") { Description = $"start the instance after {after}", Arity = ArgumentArity.ZeroOrOne, HelpName = "BOOL" };
        command.Add(_start);
    }

    /// <summary>Starts the instance if that was asked for, or if the user says so now.</summary>
    public async Task RunAsync(ParseResult parsed, CliContext context, string name, CancellationToken cancel)
    {
        var given = parsed.GetResult(_start) is { Implicit: false };
        if (given ? parsed.GetValue(_start) ?? true : Ask(context)) await new Lifecycle(context).StartAsync(name, StartOptions.Default, cancel);
    }

    private static bool Ask(CliContext context)
    {
        if (!context.MayAsk || !context.World.InIsTerminal) return false;
        context.World.Error.Write("Do you want to start the instance now? [Y/n] ");
        return context.World.In.Value.ReadLine()?.Trim() is "" or "y" or "Y" or "yes" or "Yes";
    }
}
