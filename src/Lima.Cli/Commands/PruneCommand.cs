using System.CommandLine;
using Lima.Cli.Output;
using Lima.Cli.Templates;
using Lima.Contracts;
using Lima.Domain.Specs;
using Lima.Templates;

namespace Lima.Cli.Commands;

/// <summary><c>limactl prune</c>.</summary>
internal sealed class PruneCommand : CliCommand
{
    private readonly Option<bool> _keep = Flag("--keep-referred", "keep what instances or templates refer to");

    public PruneCommand() : base(
        "prune", "Remove images that no instance lies on", CommandGroup.Advanced, "limactl prune", "limactl prune --keep-referred") => Add(_keep);

    public override async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken cancel)
    {
        var keep = parsed.GetValue(_keep);
        var reply = await context.Client.PruneAsync(new PruneRequest { KeepReferred = keep, Keep = keep ? [.. OfTemplates(context)] : [] }, cancel);
        foreach (var image in reply.Removed) context.Log.Info($"Removed `{Printable.Line(image.Location)}` ({Sizes.Text(image.Bytes)})");
        foreach (var image in reply.InUse) context.Log.Info($"Kept `{Printable.Line(image.Location)}`: disks of instances lie on it");
        context.Log.Info($"Freed {Sizes.Text(reply.Removed.Sum(image => image.Bytes))}");
        return ExitCodes.Success;
    }

    /// <summary>What the templates of this machine name. One that cannot be read refers to nothing, and is said.</summary>
    private static HashSet<string> OfTemplates(CliContext context)
    {
        var finder = new TemplateFinder(context.World, context.Paths);
        var facts = LocalFacts.Gather(context.World);
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, path) in finder.All())
        {
            var instance = TemplateFinder.NameFrom(path) ?? CliContext.UsualInstance;
            var result = TemplateReader.Read(File.ReadAllText(path), path, facts, new InstanceFacts(instance, context.Paths.Instance(instance)), new TemplateBases(finder));
            if (result.Spec is { } spec) found.UnionWith(Locations(spec));
            else context.Log.Warn($"template `{name}` cannot be read; what it refers to is not kept: {Printable.Line(result.Errors[0].ToString())}");
        }

        return found;
    }

    private static IEnumerable<string> Locations(VmSpec spec) =>
        spec.Images.Concat(spec.Firmware.Images).SelectMany(image => new[] { image.Location, image.Kernel?.Location, image.Initrd?.Location }).OfType<string>();
}
