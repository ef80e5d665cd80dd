using System.CommandLine;
using Lima.Cli.Edits;
using Lima.Cli.Output;
using Lima.Cli.Templates;

namespace Lima.Cli.Commands;

/// <summary>From a template and the edit flags of a command line to a new instance.</summary>
internal sealed class InstanceMaker(CliContext context, EditFlags edits, ParseResult parsed)
{
    private readonly TemplateSources _sources = new(context);

    /// <summary>Reads the template, puts in what it names, applies the flags, checks the result, and creates the instance.</summary>
    /// <exception cref="CliException">There is no such template, or something is wrong with it; nothing was made.</exception>
    public async Task MakeAsync(Wanted wanted, string? argument, CancellationToken cancel)
    {
        if (wanted.IsBareName(argument))
            context.Log.Info($"Creating an instance `{wanted.Name}` from template:default (Not from template:{wanted.Name})");
        var found = _sources.Finder.Read(wanted.Locator);
        var whole = _sources.Embed(found, withBase: true);
        var text = edits.Any(parsed) ? Edited(whole) : whole.Yaml;
        // As it was found it has the lines that its user sees; changed by flags or bases of the user's own, only the result tells the truth.
        Check(text == whole.Yaml && !_sources.HasBase ? found : whole with { Yaml = text }, wanted.Name);
        await new Lifecycle(context).CreateAsync(wanted.Name, whole with { Yaml = text }, cancel);
    }

    private string Edited(TemplateText template)
    {
        var expression = edits.Expression(parsed, newInstance: true, TemplateParams.NamesOf(template), context);
        return EditText.Apply(expression, template.Yaml, template.Source);
    }

    private void Check(TemplateText template, string name)
    {
        var result = _sources.Check(template, name);
        foreach (var warning in result.Warnings) context.Log.Warn(Printable.Line(warning.ToString()));
        foreach (var field in result.NotYetInEffect) context.Log.Warn($"not yet in effect in this version: {Printable.Line(field)}");
        if (result.Spec is { Os: not "Linux" and var os }) context.Log.Warn($"Support for non-Linux guests is experimental (os `{os}`)");
        if (result.Errors.IsEmpty) return;
        throw new CliException(
            $"template `{Printable.Line(template.Source)}` has {TemplateBases.Count(result.Errors.Length)}", "correct the lines named above",
            problems: [.. result.Errors.Select(TemplateBases.View)]);
    }
}
