using System.CommandLine;
using Lima.Cli.Output;
using Lima.Cli.Templates;
using Lima.Templates.Schema;

namespace Lima.Cli.Commands;

/// <summary><c>limactl generate-jsonschema</c>: the format of <c>lima.yaml</c> for editors.</summary>
internal sealed class GenerateSchemaCommand : CliCommand
{
    private readonly Argument<string[]> _files = new("FILE") { Description = "files to check besides", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> _schema = Text("--schemafile", "FILE", "file to write the schema to (default: standard output)");

    public GenerateSchemaCommand() : base(
        "generate-jsonschema", "Print the JSON schema of lima.yaml", CommandGroup.Hidden,
        "limactl generate-jsonschema", "limactl generate-jsonschema --schemafile=lima.json my.yaml")
    {
        Add(_files);
        Add(_schema);
    }

    public override Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var files = parsed.GetValue(_files) ?? [];
        var schema = JsonOutput.Text(JsonSchema.Write, indented: true) + "\n";
        if (parsed.GetValue(_schema) is not { Length: > 0 } target)
        {
            if (files.Length > 0) throw CliException.Usage("need --schemafile to validate");
            context.World.Out.Write(schema);
            return Task.FromResult(ExitCodes.Success);
        }

        TemplateCopyCommand.Write(schema, target, context.World);
        var sources = new TemplateSources(context);
        var wrong = files.Count(file => !ValidateCommand.Check(sources.Finder.Read(file), sources, context.Log));
        return wrong == 0 ? Task.FromResult(ExitCodes.Success) : throw new CliException($"{wrong} of {files.Length} files {(wrong == 1 ? "is" : "are")} invalid");
    }
}
