using System.CommandLine;
using Lima.Cli.Output;

namespace Lima.Cli.Edits;

/// <summary>The edit flags of one command, and what its command line makes of them.</summary>
internal sealed class EditFlags
{
    private readonly List<(EditFlag Flag, Option Option)> _options;

    /// <summary>Adds the flags to a command.</summary>
    /// <param name="command">Takes them.</param>
    /// <param name="create">With those that only make sense for a new instance.</param>
    public EditFlags(Command command, bool create = false)
    {
        _options = [.. EditFlagTable.All.Where(flag => create || !flag.CreateOnly).Select(flag => (flag, flag.Option()))];
        foreach (var (_, option) in _options) command.Add(option);
    }

    /// <summary>Whether the command line has any of them.</summary>
    public bool Any(ParseResult parsed) => _options.Any(entry => IsGiven(parsed, entry.Option));

    /// <summary>The expressions that the command line stands for, joined to one; empty when it has none of the flags.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="newInstance">Whether they shape a new instance.</param>
    /// <param name="parameters">Names of the template's parameters.</param>
    /// <param name="context">Where relative directories start, and where warnings go.</param>
    /// <exception cref="CliException">A value does not fit; the message names the flag.</exception>
    public string Expression(ParseResult parsed, bool newInstance, IReadOnlyCollection<string> parameters, CliContext context)
    {
        var given = _options.Where(entry => IsGiven(parsed, entry.Option)).ToDictionary(entry => entry.Flag.Name, entry => (IReadOnlyList<string>)Values(parsed, entry.Flag, entry.Option));
        var input = new EditInput(given, parameters, location => Absolute(location, context.World), context.Log.Warn);
        List<string> expressions = [];
        foreach (var (flag, _) in _options)
        {
            if (!given.TryGetValue(flag.Name, out var values)) continue;
            if (flag.Experimental) context.Log.Warn($"`--{flag.Name}` is experimental");
            if (flag.NewOnly && !newInstance)
            {
                context.Log.Warn($"`--{flag.Name}` is not applicable to an existing instance (Hint: create a new instance with `limactl create --{flag.Name}={values[^1]} --name=NAME`)");
                continue;
            }

            expressions.AddRange(Expressions(flag, values, input));
        }

        return string.Join(" | ", expressions);
    }

    private static string[] Expressions(EditFlag flag, IReadOnlyList<string> values, EditInput input)
    {
        try
        {
            return [.. flag.Expressions(values, input)];
        }
        catch (FormatException e)
        {
            throw CliException.Usage($"error while processing flag `{flag.Name}`: {Printable.Line(e.Message)}");
        }
    }

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    private static string[] Values(ParseResult parsed, EditFlag flag, Option option)
    {
        string[] values = [.. parsed.GetResult(option)!.Tokens.Select(token => token.Value)];
        if (values.Length == 0) return [""];
        return flag.Commas ? [.. values.SelectMany(value => value.Split(','))] : values;
    }

    private static string Absolute(string location, CliWorld world)
    {
        if (location is "") throw new FormatException("a directory must not be empty");
        if (location is "~") return world.UserHome;
        if (location.StartsWith("~/", StringComparison.Ordinal)) return Path.Combine(world.UserHome, location[2..]);
        return Path.GetFullPath(location, world.WorkingDirectory);
    }
}
