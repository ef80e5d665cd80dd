using System.CommandLine;
using Lima.Cli.Output;
using Lima.Cli.Templates;

namespace Lima.Cli.Commands;

/// <summary><c>limactl template</c>: look at templates without making anything.</summary>
internal sealed class TemplateCommand : CliCommandFamily
{
    public TemplateCommand() : base(
        "template", "Copy, check and query templates", CommandGroup.Advanced,
        "limactl template copy --fill template:docker -", "limactl template yq template:default '.images[].location'")
    {
        Aliases.Add("tmpl");
        Add(new TemplateCopyCommand());
        Add(new ValidateCommand("limactl template validate"));
        Add(new TemplateYqCommand());
        Add(new TemplateUrlCommand());
    }
}

/// <summary><c>limactl template copy</c>.</summary>
internal sealed class TemplateCopyCommand : CliCommand
{
    private readonly Argument<string> _template = new("TEMPLATE") { Description = "file, address or `template:NAME`" };
    private readonly Argument<string?> _target = new("DEST") { Description = "file to write, or `-` (default: standard output)", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _embed = Flag("--embed", "put in what the template names, except `template:` bases");
    private readonly Option<bool> _embedAll = Flag("--embed-all", "put in everything that the template names");
    private readonly Option<bool> _fill = Flag("--fill", "put in everything, and every default as well");
    private readonly Option<bool> _verbatim = Flag("--verbatim", "change nothing, not even relative names");

    public TemplateCopyCommand() : base(
        "copy", "Copy a template; relative names in it become absolute", CommandGroup.Advanced,
        "limactl template copy template:default -",
        "limactl template copy --embed https://example.com/lima.yaml my.yaml",
        "limactl template copy --fill template:docker -")
    {
        Add(_template);
        Add(_target);
        Add(_embed);
        Add(_embedAll);
        Add(_fill);
        Add(_verbatim);
    }

    public override Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var (fill, all) = (parsed.GetValue(_fill), parsed.GetValue(_fill) || parsed.GetValue(_embedAll));
        var embed = all || parsed.GetValue(_embed);
        if (embed && parsed.GetValue(_verbatim))
            throw CliException.Usage("--verbatim cannot be used with any of --embed, --embed-all, or --fill");
        var sources = new TemplateSources(context);
        var template = sources.Finder.Read(parsed.GetRequiredValue(_template));
        var text = parsed.GetValue(_verbatim) ? template.Yaml
            : fill ? sources.Fill(template).Filled!.ToYaml()
            : embed ? sources.Embed(template, all).Yaml
            : sources.MakeAbsolute(template);
        Write(text, parsed.GetValue(_target) ?? "-", context.World);
        return Task.FromResult(ExitCodes.Success);
    }

    /// <summary>Writes a text to a file, or to standard output for <c>-</c>.</summary>
    public static void Write(string text, string target, CliWorld world)
    {
        if (target == "-")
        {
            world.Out.Write(text);
            return;
        }

        try
        {
            File.WriteAllText(Path.GetFullPath(target, world.WorkingDirectory), text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"`{target}` cannot be written: {e.Message}", "name a file that you may write");
        }
    }
}

/// <summary><c>limactl template yq</c>.</summary>
internal sealed class TemplateYqCommand : CliCommand
{
    private readonly Argument<string> _template = new("TEMPLATE") { Description = "file, address or `template:NAME`" };
    private readonly Argument<string> _expression = new("EXPR") { Description = "expression of yq; it sees the template with its bases and defaults" };

    public TemplateYqCommand() : base(
        "yq", "Query a template", CommandGroup.Advanced, "limactl template yq template:default '.images[].location'", "limactl template yq my.yaml .cpus")
    {
        Add(_template);
        Add(_expression);
    }

    public override Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var sources = new TemplateSources(context);
        var filled = sources.Fill(sources.Finder.Read(parsed.GetRequiredValue(_template))).Filled!.WithVmType().ToYaml();
        context.World.Out.Write(Query.Yaml(parsed.GetRequiredValue(_expression), filled));
        return Task.FromResult(ExitCodes.Success);
    }
}

/// <summary><c>limactl template url</c>.</summary>
internal sealed class TemplateUrlCommand : CliCommand
{
    private readonly Argument<string> _url = new("URL") { Description = "address with a scheme of `github:` or of a plugin" };

    public TemplateUrlCommand() : base(
        "url", "Print the address that a custom address stands for", CommandGroup.Advanced, "limactl template url github:lima-vm/lima/templates/docker") => Add(_url);

    public override Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        context.World.Out.Write(new TemplateSources(context).Finder.Url(parsed.GetRequiredValue(_url)) + "\n");
        return Task.FromResult(ExitCodes.Success);
    }
}
