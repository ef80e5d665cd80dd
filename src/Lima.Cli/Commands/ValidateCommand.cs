using System.CommandLine;
using Lima.Cli.Output;
using Lima.Cli.Templates;
using Lima.Templates;

namespace Lima.Cli.Commands;

/// <summary><c>limactl validate</c>: every problem with its line; needs no host.</summary>
internal sealed class ValidateCommand : CliCommand
{
    private readonly Argument<string[]> _templates = new("FILE.yaml|URL|template:NAME|-") { Description = "templates to check", Arity = ArgumentArity.OneOrMore };

    public ValidateCommand() : base("validate", "Check templates without creating anything", CommandGroup.Advanced, "limactl validate my.yaml", "limactl validate template:default") =>
        Add(_templates);

    public override Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var finder = new TemplateFinder(context.World, context.Paths);
        var wrong = 0;
        var templates = parsed.GetValue(_templates)!;
        foreach (var locator in templates)
        {
            var template = finder.Read(locator);
            if (!Check(template, finder, context)) wrong++;
        }

        return wrong == 0
            ? Task.FromResult(ExitCodes.Success)
            : throw new CliException($"{wrong} of {templates.Length} templates {(wrong == 1 ? "is" : "are")} invalid");
    }

    private static bool Check(TemplateText template, TemplateFinder finder, CliContext context)
    {
        var name = TemplateFinder.NameFrom(template.Location) ?? CliContext.UsualInstance;
        var result = TemplateReader.Read(
            template.Yaml,
            template.Location,
            LocalFacts.Gather(context.World),
            new InstanceFacts(name, context.Paths.Instance(name)),
            new TemplateBases(finder));
        foreach (var warning in result.Warnings) context.Log.Warn(Printable.Line(warning.ToString()));
        foreach (var field in result.NotYetInEffect) context.Log.Warn($"`{template.Source}`: not yet in effect in this version: {Printable.Line(field)}");
        foreach (var error in result.Errors) context.Log.Error(Printable.Line(error.ToString()));
        if (result.Errors.Length == 0) context.Log.Info($"`{template.Source}`: OK");
        return result.Errors.Length == 0;
    }
}
