using System.CommandLine;
using Lima.Cli.Edits;
using Lima.Cli.Output;
using Lima.Cli.Templates;

namespace Lima.Cli.Commands;

/// <summary>From a template and the edit flags of a command line to a new instance.</summary>
internal sealed class InstanceMaker(CliContext context, EditFlags edits, ParseResult parsed)
{
    private readonly TemplateSources _sources = new(context);

    /// <summary>Reads the template, puts in what it names, applies the flags, asks the user, checks the result, and creates the instance.</summary>
    /// <returns>False when the user does not want it after all.</returns>
    /// <exception cref="CliException">There is no such template, or something is wrong with it; nothing was made.</exception>
    public async Task<bool> MakeAsync(Wanted wanted, string? argument, CancellationToken cancel)
    {
        if (wanted.IsBareName(argument))
            context.Log.Info($"Creating an instance `{wanted.Name}` from template:default (Not from template:{wanted.Name})");
        var first = Prepare(wanted.Locator);
        // Standard input is the template then, and has no answers.
        if (!context.MayAsk || argument == "-")
        {
            context.Log.Info("Terminal is not available, proceeding without opening an editor");
            await CreateAsync(wanted.Name, first, cancel);
            return true;
        }

        if (await new CreateMenu(context, _sources.Finder, Prepare).ChooseAsync(wanted.Name, first, cancel) is not { } chosen) return false;
        await CreateAsync(wanted.Name, chosen, cancel);
        return true;
    }

    // What a locator comes to.
    private Draft Prepare(string locator)
    {
        var found = _sources.Finder.Read(locator);
        var whole = _sources.Embed(found, withBase: true);
        var text = edits.Any(parsed) ? Edited(whole) : whole.Yaml;
        // As it was found it has the lines that its user sees; changed by flags or bases of the user's own, only the result tells the truth.
        return new Draft(whole with { Yaml = text }, text == whole.Yaml && !_sources.HasBase ? found : whole with { Yaml = text }, ByHand: false);
    }

    private async Task CreateAsync(string name, Draft draft, CancellationToken cancel)
    {
        // An editor's text may name other templates again.
        var whole = draft.ByHand ? _sources.Embed(draft.Whole, withBase: true) : draft.Whole;
        Check(draft, name);
        await new Lifecycle(context).CreateAsync(name, whole, cancel);
    }

    private string Edited(TemplateText template)
    {
        var expression = edits.Expression(parsed, newInstance: true, TemplateParams.NamesOf(template), context);
        return EditText.Apply(expression, template.Yaml, template.Source);
    }

    private void Check(Draft draft, string name)
    {
        var result = _sources.Check(draft.Shown, name);
        foreach (var warning in result.Warnings) context.Log.Warn(Printable.Line(warning.ToString()));
        foreach (var field in result.NotYetInEffect) context.Log.Warn($"not yet in effect in this version: {Printable.Line(field)}");
        if (result.Spec is { Os: not "Linux" and var os }) context.Log.Warn($"Support for non-Linux guests is experimental (os `{os}`)");
        if (result.Errors.IsEmpty) return;
        var why = $"template `{Printable.Line(draft.Shown.Source)}` has {TemplateBases.Count(result.Errors.Length)}";
        throw draft.ByHand
            ? Rejected.Save(draft.Shown.Yaml, why, [.. result.Errors.Select(TemplateBases.View)], context.World)
            : new CliException(why, "correct the lines named above", problems: [.. result.Errors.Select(TemplateBases.View)]);
    }
}
