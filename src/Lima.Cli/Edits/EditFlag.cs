using System.CommandLine;

namespace Lima.Cli.Edits;

/// <summary>What an edit flag may look at besides its own values.</summary>
/// <param name="Given">Values of every edit flag that the command line has, by name without dashes.</param>
/// <param name="Params">Names of the template's parameters.</param>
/// <param name="Locations">Makes a directory absolute: <c>~</c> is the user's home, anything relative starts from the current directory.</param>
/// <param name="Warn">Takes a warning.</param>
internal sealed record EditInput(
    IReadOnlyDictionary<string, IReadOnlyList<string>> Given,
    IReadOnlyCollection<string> Params,
    Func<string, string> Locations,
    Action<string> Warn)
{
    /// <summary>Values of a flag; empty when the command line does not have it.</summary>
    public IReadOnlyList<string> this[string name] => Given.GetValueOrDefault(name, []);
}

/// <summary>One flag that changes a template: how it is written and which yq expressions it stands for.</summary>
/// <param name="Name">Name without dashes.</param>
/// <param name="ValueName">What stands for the value in the help; null for a switch.</param>
/// <param name="Description">Help.</param>
/// <param name="Expressions">From its values to expressions.</param>
internal sealed record EditFlag(
    string Name, string? ValueName, string Description, Func<IReadOnlyList<string>, EditInput, IEnumerable<string>> Expressions)
{
    /// <summary>Only a new instance can still change this.</summary>
    public bool NewOnly { get; init; }

    /// <summary>Offered by <c>create</c> and <c>start</c> only.</summary>
    public bool CreateOnly { get; init; }

    /// <summary>May change in meaning.</summary>
    public bool Experimental { get; init; }

    /// <summary>A value holds several, separated by commas.</summary>
    public bool Commas { get; init; }

    /// <summary>Values offered while typing.</summary>
    public Func<IEnumerable<string>> Candidates { get; init; } = () => [];

    /// <summary>
    /// The option of a command line. A switch is one of the parser's own, since only that kind leaves the next word alone
    /// unless it says true or false.
    /// </summary>
    public Option Option() => ValueName is null
        ? new Option<bool>("--" + Name) { Description = Description }
        : new Option<string[]>("--" + Name) { Description = Description, HelpName = ValueName, AllowMultipleArgumentsPerToken = false };
}
