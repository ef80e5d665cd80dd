using System.Diagnostics.CodeAnalysis;
using Lima.Contracts;
using Lima.Templates;
using Lima.Templates.Bases;

namespace Lima.Cli.Templates;

/// <summary>Merges the bases of a template into it, and the files that it names, so that an instance's <c>lima.yaml</c> stands alone.</summary>
internal sealed class TemplateBases(TemplateFinder finder) : ITemplateSource
{
    /// <summary>The template without bases and files, as a new instance gets it: the user's <c>_config/base.yaml</c> goes before its own bases.</summary>
    /// <exception cref="CliException">A base is missing, loops, or is no YAML; every problem is in it.</exception>
    public static TemplateText Embed(TemplateText template, TemplateFinder finder, Output.Log log)
    {
        var options = new EmbedOptions { DefaultBase = finder.DefaultBase, Home = finder.UserHome };
        var embedded = TemplateReader.Embed(template.Yaml, template.Location, new TemplateBases(finder), options);
        foreach (var warning in embedded.Warnings) log.Warn(Output.Printable.Line(warning.ToString()));
        if (embedded.Errors.Length == 0) return template with { Yaml = embedded.Text };
        throw new CliException(
            $"template `{Output.Printable.Line(template.Source)}` has {Count(embedded.Errors.Length)}",
            "correct the lines named above",
            problems: [.. embedded.Errors.Select(View)]);
    }

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
