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

    private readonly string _text;

    private GoTemplate(string text) => _text = text;

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
        if (text.Contains("{{", StringComparison.Ordinal))
        {
            problem = $"template: {name}:1: actions are not understood";
            return false;
        }

        template = new GoTemplate(text);
        return true;
    }

    /// <summary>Executes it for some data. Nothing of the output is given when there is a problem.</summary>
    /// <param name="data">What <c>.</c> and <c>$</c> are at its start.</param>
    /// <param name="result">The output; empty when there is a problem.</param>
    /// <param name="problem">Empty, or <c>template: NAME:LINE:COLUMN: executing …</c>.</param>
    public bool TryExecute(GoValue data, out string result, out string problem)
    {
        (result, problem) = (_text, "");
        return true;
    }
}
