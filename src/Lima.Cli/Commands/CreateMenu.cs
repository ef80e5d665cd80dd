using Lima.Cli.Edits;
using Lima.Cli.Output;
using Lima.Cli.Templates;

namespace Lima.Cli.Commands;

/// <summary>The configuration of an instance that is to be made.</summary>
/// <param name="Whole">With all that it names put in.</param>
/// <param name="Shown">As its user knows it: problems are told by these lines.</param>
/// <param name="ByHand">The user has changed it in an editor.</param>
internal sealed record Draft(TemplateText Whole, TemplateText Shown, bool ByHand);

/// <summary>What a user at a terminal is asked before an instance is made.</summary>
internal sealed class CreateMenu(CliContext context, TemplateFinder finder, Func<string, Draft> prepare)
{
    /// <summary>What the user settles on; null for nothing.</summary>
    /// <exception cref="CliException">Ctrl-C was pressed, or the editor failed.</exception>
    public async Task<Draft?> ChooseAsync(string name, Draft draft, CancellationToken cancel)
    {
        while (true)
        {
            switch (await Menu.AskAsync(
                context, $"Creating an instance `{name}`",
                "Proceed with the current configuration",
                "Open an editor to review or modify the current configuration",
                "Choose another template (docker, podman, archlinux, fedora, ...)",
                "Exit"))
            {
                case 0:
                    return draft;
                case 1:
                    return await EditAsync(name, draft, cancel);
                case 2:
                    draft = await AnotherAsync() is { } locator ? prepare(locator) : draft;
                    break;
                default:
                    context.Log.Info("Exiting, nothing was created");
                    return null;
            }
        }
    }

    private async Task<Draft?> EditAsync(string name, Draft draft, CancellationToken cancel)
    {
        List<string> explanation = [$"Review and modify the following configuration for Lima instance `{name}`."];
        if (name == CliContext.UsualInstance) explanation.Add("- In most cases, you do not need to modify this file.");
        explanation.Add("- To cancel, just save this file as an empty file.");
        var text = await new Editor(context.World).ChangeAsync(draft.Whole.Yaml, explanation, cancel);
        if (text.Length == 0)
        {
            context.Log.Info("Aborting, as requested by saving the file with empty content");
            return null;
        }

        var edited = draft.Whole with { Yaml = text };
        return text == draft.Whole.Yaml ? draft : new Draft(edited, edited, ByHand: true);
    }

    private async Task<string?> AnotherAsync()
    {
        string[] names = [.. finder.All().Select(pair => pair.Key)];
        return await Menu.AskAsync(context, "Choose a template", names) is { } choice ? "template:" + names[choice] : null;
    }
}
