using System.Diagnostics.CodeAnalysis;

namespace Lima.Templates.GoTemplates;

/// <summary>A template in the language of Go's text/template. It can be executed many times, also at once.</summary>
public sealed class GoTemplate
{
    /// <summary>Longest text that is read, in characters.</summary>
    public const int TextLengthMax = 4 << 20;

    /// <summary>Longest output, in characters.</summary>
    public const int OutputLengthMax = 16 << 20;

    /// <summary>Most actions, operands and rounds of a loop that one execution goes through.</summary>
    public const int StepsMax = 2_000_000;

    /// <summary>Deepest nesting of blocks and parentheses in a text, and of those and calls of templates in an execution.</summary>
    public const int NestingMax = 200;

    private const int ProblemLengthMax = 400;

    private static readonly Dictionary<string, GoFunction> NoFunctions = [];

    private readonly GoProgram _program;

    private GoTemplate(GoProgram program) => _program = program;

    /// <summary>Reads a template.</summary>
    /// <param name="text">The template.</param>
    /// <param name="name">Its name in messages.</param>
    /// <param name="template">The template; null when it is not well formed.</param>
    /// <param name="problem">Empty, or <c>template: NAME:LINE: …</c>.</param>
    /// <param name="functions">Functions besides Go's own, by name.</param>
    public static bool TryParse(
        string text,
        string name,
        [NotNullWhen(true)] out GoTemplate? template,
        out string problem,
        IReadOnlyDictionary<string, GoFunction>? functions = null)
    {
        (template, problem) = (null, "");
        if (text.Length > TextLengthMax)
        {
            problem = $"template: {Shown(name)}: longer than {TextLengthMax} characters";
            return false;
        }

        functions ??= NoFunctions;
        try
        {
            var templates = GoParser.Parse(text, name, word => functions.ContainsKey(word) || GoBuiltins.Has(word));
            template = new GoTemplate(new GoProgram(text, name, templates, functions));
            return true;
        }
        catch (GoProblem found)
        {
            problem = Shown(found.Message);
            return false;
        }
    }

    /// <summary>Executes it for some data. Nothing of the output is given when there is a problem.</summary>
    /// <param name="data">What <c>.</c> and <c>$</c> are at its start.</param>
    /// <param name="result">The output; empty when there is a problem.</param>
    /// <param name="problem">Empty, or <c>template: NAME:LINE:COLUMN: executing …</c>.</param>
    public bool TryExecute(GoValue data, out string result, out string problem)
    {
        (result, problem) = ("", "");
        try
        {
            result = GoExecutor.Execute(_program, data);
            return true;
        }
        catch (GoProblem found)
        {
            problem = Shown(found.Message);
            return false;
        }
    }

    /// <summary>A problem on one line, of bounded length, whatever a template quotes in it.</summary>
    private static string Shown(string problem)
    {
        var text = problem.Length > ProblemLengthMax ? problem[..ProblemLengthMax] + "…" : problem;
        return text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)) : text;
    }

    /// <summary>The template as it was understood: without comments and marks that trim.</summary>
    public override string ToString() => _program.Templates[_program.Name].ToString();
}
