using System.CommandLine;

namespace Lima.Cli.Edits;

/// <summary>From the text of a configuration to the one that the edit flags of a command line ask for.</summary>
internal static class FlagChange
{
    /// <summary>The changed text.</summary>
    /// <param name="flags">The flags of the command.</param>
    /// <param name="parsed">Its command line.</param>
    /// <param name="text">The configuration of an existing instance.</param>
    /// <param name="source">Its name, for messages.</param>
    /// <param name="parameters">Names of its parameters.</param>
    /// <param name="context">Where warnings go.</param>
    /// <exception cref="CliException">A value does not fit, or an expression fails.</exception>
    public static string Apply(EditFlags flags, ParseResult parsed, string text, string source, IReadOnlyCollection<string> parameters, CliContext context) =>
        EditText.Apply(flags.Expression(parsed, newInstance: false, parameters, context), text, source);
}
