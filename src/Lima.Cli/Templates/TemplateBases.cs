using System.Diagnostics.CodeAnalysis;
using Lima.Contracts;
using Lima.Templates;
using Lima.Templates.Bases;

namespace Lima.Cli.Templates;

/// <summary>Gives the bases and files that templates name, from wherever they are, and problems in the words of the API.</summary>
internal sealed class TemplateBases(TemplateFinder finder) : ITemplateSource
{
    /// <summary><c>1 error</c>, <c>2 errors</c>.</summary>
    public static string Count(int errors) => errors == 1 ? "1 error" : $"{errors} errors";

    /// <summary>A problem as the API writes it.</summary>
    public static ProblemView View(Problem problem) => new(problem.File, problem.Line, problem.Column, problem.Field, problem.Message);

    /// <inheritdoc/>
    public bool TryRead(string locator, [NotNullWhen(true)] out byte[]? content, [NotNullWhen(false)] out string? problem)
    {
        (content, problem) = (null, null);
        try
        {
            content = finder.ReadBytes(locator).Bytes;
            return true;
        }
        catch (CliException e)
        {
            problem = e.Message;
            return false;
        }
    }
}
