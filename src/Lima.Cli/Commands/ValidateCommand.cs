using System.CommandLine;
using Lima.Cli.Output;
using Lima.Cli.Templates;

namespace Lima.Cli.Commands;

/// <summary><c>limactl validate</c>, also <c>limactl template validate</c>: every problem with its line; needs no host.</summary>
internal sealed class ValidateCommand : CliCommand
{
    private readonly Argument<string[]> _templates = new("FILE.yaml|URL|template:NAME|-") { Description = "templates to check", Arity = ArgumentArity.OneOrMore };
    private readonly Option<bool> _fill = Flag("--fill", "print each with its bases and defaults");

    public ValidateCommand(string path = "limactl validate") : base(
        "validate", "Check templates without creating anything", CommandGroup.Advanced, $"{path} my.yaml", $"{path} template:default", $"{path} --fill my.yaml")
    {
        Add(_templates);
        Add(_fill);
    }

    public override Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var sources = new TemplateSources(context);
        var wrong = 0;
        var templates = parsed.GetValue(_templates)!;
        foreach (var locator in templates)
        {
            var template = sources.Finder.Read(locator);
            if (!Check(template, sources, context.Log)) wrong++;
            else if (parsed.GetValue(_fill)) context.World.Out.Write((templates.Length > 1 ? "---\n" : "") + sources.Fill(template).Filled!.WithVmType().ToYaml());
        }

        return wrong == 0
            ? Task.FromResult(ExitCodes.Success)
            : throw new CliException($"{wrong} of {templates.Length} templates {(wrong == 1 ? "is" : "are")} invalid");
    }

    /// <summary>Tells everything that is wrong with a template; whether nothing is.</summary>
    public static bool Check(TemplateText template, TemplateSources sources, Log log)
    {
        var result = sources.Check(template);
        foreach (var warning in result.Warnings) log.Warn(Printable.Line(warning.ToString()));
        foreach (var field in result.NotYetInEffect) log.Warn($"`{template.Source}`: not yet in effect in this version: {Printable.Line(field)}");
        foreach (var error in result.Errors) log.Error(Printable.Line(error.ToString()));
        if (result.Errors.Length == 0) log.Info($"`{template.Source}`: OK");
        return result.Errors.Length == 0;
    }
}
