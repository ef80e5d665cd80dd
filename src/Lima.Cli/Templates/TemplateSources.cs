using Lima.Cli.Output;
using Lima.Domain.Vms;
using Lima.Templates;
using Lima.Templates.Bases;

namespace Lima.Cli.Templates;

/// <summary>Templates as commands want them: found, embedded, filled in; every problem is told before a command goes on.</summary>
internal sealed class TemplateSources(CliContext context)
{
    private readonly TemplateFiles _files = new(context.Paths);

    /// <summary>Finds templates.</summary>
    public TemplateFinder Finder { get; } = new(context.World, context.Paths, context.Log);

    /// <summary>Whether the user has a base for every new instance.</summary>
    public bool HasBase => _files.Base is not null;

    /// <summary>The template with what it names put in.</summary>
    /// <param name="template">The template.</param>
    /// <param name="all">Also <c>template:</c> bases.</param>
    /// <param name="withBase">Also the user's own base, as at the creation of an instance.</param>
    /// <exception cref="CliException">Something it names is missing, loops, or is no YAML.</exception>
    public TemplateText Embed(TemplateText template, bool all = true, bool withBase = false)
    {
        var options = new EmbedOptions { All = all, DefaultBase = withBase ? _files.Base : null, Home = context.World.UserHome };
        var embedded = TemplateReader.Embed(template.Yaml, template.Location, new TemplateBases(Finder), options);
        Warn(embedded.Warnings);
        Refuse(template, embedded.Errors);
        return template with { Yaml = embedded.Text };
    }

    /// <summary>The template whose relative names have become absolute.</summary>
    /// <exception cref="CliException">It is no YAML, or has a name that cannot be made absolute.</exception>
    public string MakeAbsolute(TemplateText template)
    {
        var absolute = TemplateReader.MakeAbsolute(template.Yaml, template.Location, context.World.UserHome);
        Warn(absolute.Warnings);
        Refuse(template, absolute.Errors);
        return absolute.Text;
    }

    /// <summary>
    /// The template with every base and every default in it; rules are not looked at. No instance is meant yet, so its
    /// directory is said to be the home of all, as by Lima.
    /// </summary>
    /// <exception cref="CliException">It cannot be read.</exception>
    public FilledResult Fill(TemplateText template)
    {
        var filled = TemplateReader.Fill(_files.Around(Embed(template, withBase: true)), Facts(), InstanceOf(template.Location) with { Directory = context.Paths.Home });
        Warn(filled.Warnings);
        Refuse(template, filled.Errors);
        return filled;
    }

    /// <summary>All that there is to say of a template and of what it names, the rules included; lines are those of each file.</summary>
    /// <param name="template">The template.</param>
    /// <param name="name">The instance that it is for; null for what its locator suggests.</param>
    public TemplateResult Check(TemplateText template, string? name = null) => TemplateReader.Read(
        _files.Around(template),
        Facts(),
        name is null ? InstanceOf(template.Location) : new InstanceFacts(name, context.Paths.Instance(name)),
        new TemplateBases(Finder));

    private HostFacts Facts()
    {
        var networks = _files.Networks;
        var modes = NetworkModes.Read(networks?.Text, networks?.Source ?? "", out var problem);
        if (problem is not null) throw new CliException(Printable.Line(problem.ToString()), "correct that file, or remove it");
        return LocalFacts.Gather(context.World) with { LimaHome = context.Paths.Home, Networks = modes };
    }

    private InstanceFacts InstanceOf(string location)
    {
        var name = TemplateFinder.NameFrom(location) is { } found && VmName.TryParse(found, out _, out _) ? found : CliContext.UsualInstance;
        return new InstanceFacts(name, context.Paths.Instance(name));
    }

    private void Warn(IEnumerable<Problem> warnings)
    {
        foreach (var warning in warnings) context.Log.Warn(Printable.Line(warning.ToString()));
    }

    private static void Refuse(TemplateText template, IReadOnlyCollection<Problem> errors)
    {
        if (errors.Count == 0) return;
        throw new CliException(
            $"template `{Printable.Line(template.Source)}` has {TemplateBases.Count(errors.Count)}", "correct the lines named above",
            problems: [.. errors.Select(TemplateBases.View)]);
    }
}
