using System.Text;
using Lima.Templates.Bases;
using Lima.Templates.Defaults;
using Lima.Templates.Documents;
using Lima.Templates.Expressions;
using Lima.Templates.Validation;
using Lima.Templates.Yaml;

namespace Lima.Templates;

/// <summary>From the text of a <c>lima.yaml</c> to a spec, or to everything that is wrong with it.</summary>
public static class TemplateReader
{
    /// <summary>Reads a template. Pure: the same arguments give the same result, and nothing but <paramref name="templates"/> is asked.</summary>
    /// <param name="text">The text, at most 4 MiB.</param>
    /// <param name="source">Where it came from: an absolute path, URL or locator, or <c>-</c>; names it in
    /// problems and is what relative bases are relative to.</param>
    /// <param name="host">Facts that defaults depend on.</param>
    /// <param name="instance">The instance that the text is for.</param>
    /// <param name="templates">Gives the texts of bases; null where none are allowed, as in the <c>lima.yaml</c> of an instance.</param>
    public static TemplateResult Read(string text, string source, HostFacts host, InstanceFacts instance, ITemplateSource? templates = null) =>
        Read(new TemplateLayers(new SourceText(text, source)), host, instance, templates);

    /// <summary>Reads a template together with the user's defaults and overrides; otherwise as the one above.</summary>
    public static TemplateResult Read(TemplateLayers layers, HostFacts host, InstanceFacts instance, ITemplateSource? templates = null)
    {
        var (text, source) = (layers.Template.Text, layers.Template.Source);
        var problems = new ProblemList(source);
        var checker = new SchemaChecker(source, problems);
        if (ReadLayers(layers, host, instance, templates, checker, problems) is not { } filling)
        {
            return new TemplateResult(null, text, problems.Errors, problems.Warnings, []);
        }

        var reading = new Reading(new Section(filling.Filled, "", filling.Filled.At), host, instance, problems);
        if (filling.IsMap) TemplateValidator.Check(reading, checker);
        var spec = problems.HasErrors ? null : SpecBuilder.Build(reading, new FilledTemplate(filling.Filled));
        if (spec is not null) spec = spec with { Containerd = spec.Containerd with { Asked = spec.Containerd.Wanted && filling.ContainerdAsked } };
        return new TemplateResult(spec, spec is null ? text : filling.Kept, problems.Errors, problems.Warnings, checker.NotYetInEffect)
        {
            Filled = filling.Typed ? new FilledTemplate(filling.Filled) : null,
        };
    }

    /// <summary>Fills a template without looking at any rule but those of types: what <c>template copy --fill</c> shows.</summary>
    /// <param name="layers">The texts.</param>
    /// <param name="host">As for <see cref="Read(TemplateLayers, HostFacts, InstanceFacts, ITemplateSource)"/>.</param>
    /// <param name="instance">The instance that the text would be for.</param>
    /// <param name="templates">Gives the texts of bases.</param>
    public static FilledResult Fill(TemplateLayers layers, HostFacts host, InstanceFacts instance, ITemplateSource? templates = null)
    {
        var problems = new ProblemList(layers.Template.Source);
        var filling = ReadLayers(layers, host, instance, templates, new SchemaChecker(layers.Template.Source, problems), problems);
        return new FilledResult(filling is null || problems.HasErrors ? null : new FilledTemplate(filling.Filled), problems.Errors, problems.Warnings);
    }

    /// <summary>Puts what a template names into it without checking more than that.</summary>
    /// <param name="text">The text, at most 4 MiB.</param>
    /// <param name="source">As for <see cref="Read(string, string, HostFacts, InstanceFacts, ITemplateSource)"/>.</param>
    /// <param name="templates">Gives bases and files.</param>
    /// <param name="options">How much is put in; everything when absent.</param>
    public static EmbeddedTemplate Embed(string text, string source, ITemplateSource templates, EmbedOptions? options = null)
    {
        var problems = new ProblemList(source);
        var kept = YamlTreeReader.Read(text, source, problems) is not null && DocReader.Read(text, source, problems) is [var document, ..]
            ? Embed(document, text, source, templates, options, problems)
            : text;
        return new EmbeddedTemplate(problems.HasErrors ? text : kept, problems.Errors, problems.Warnings);
    }

    /// <summary>Makes the locators of a template absolute, so that it means the same wherever it is kept; comments stay.</summary>
    /// <param name="text">The text, at most 4 MiB.</param>
    /// <param name="source">As for <see cref="Read(string, string, HostFacts, InstanceFacts, ITemplateSource)"/>.</param>
    /// <param name="home">The user's home, for <c>~</c>.</param>
    public static EmbeddedTemplate MakeAbsolute(string text, string source, string home)
    {
        var problems = new ProblemList(source);
        var kept = text;
        if (YamlTreeReader.Read(text, source, problems) is not null && DocReader.Read(text, source, problems) is [var document, ..]
            && new References(document.Root) is { Any: true } references)
        {
            references.MakeAbsolute(source, home, problems);
            kept = DocWriter.Write(document.Root);
        }

        return new EmbeddedTemplate(problems.HasErrors ? text : kept, problems.Errors, problems.Warnings);
    }

    /// <summary>The three texts as one filled tree; null when one of them cannot be read.</summary>
    private static FilledTree? ReadLayers(
        TemplateLayers layers, HostFacts host, InstanceFacts instance, ITemplateSource? templates, SchemaChecker checker, ProblemList problems)
    {
        var prepared = Prepare(layers.Template.Text, layers.Template.Source, templates, problems);
        var (below, above) = (Layer(layers.Default, problems), Layer(layers.Override, problems));
        if (prepared is not var (root, kept) || below is null || above is null) return null;
        foreach (var layer in new[] { root, below, above }) checker.Check(layer);
        var typed = !problems.HasErrors;
        var template = CanonicalForm.Of(root);
        ParamRules.CheckUse(new Section(template, "", template.At), problems);
        var merged = LayerMerge.Merge(CanonicalForm.Of(below), template, CanonicalForm.Of(above));
        var filled = TemplateFiller.Fill(merged, new Filling(host, instance, TemplateData.ParamOf(template), problems));
        return new FilledTree(filled, kept, typed, root is YamlMap or { IsNull: true }, ContainerdAsked: IsContainerdAsked(merged));
    }

    private static bool IsContainerdAsked(YamlMap merged)
    {
        var containerd = new Section(merged, "", merged.At).Map("containerd");
        return containerd.Bool("system") == true || containerd.Bool("user") == true;
    }

    private static YamlNode? Layer(SourceText? layer, ProblemList problems) => layer is null
        ? new YamlMap(default, [])
        : YamlTreeReader.Read(layer.Text, layer.Source, problems.For(layer.Source));

    /// <summary>The tree to check, and the text to keep: as given where nothing is embedded. Null when there is no tree.</summary>
    private static (YamlNode Root, string Text)? Prepare(string text, string source, ITemplateSource? templates, ProblemList problems)
    {
        if (YamlTreeReader.Read(text, source, problems) is not { } plain) return null;
        if (templates is null)
        {
            if (plain is YamlMap map && HasBases(map["base"]))
                problems.Error(map["base"]!.At, "base", "field `base` must be empty for YAML validation; bases are merged when an instance is created");
            return (plain, text);
        }

        if (DocReader.Read(text, source, problems) is not [var document, ..]) return null;
        var kept = Embed(document, text, source, templates, null, problems);
        if (ReferenceEquals(kept, text)) return (plain, text);
        return DocTree.Read(document.Root, problems) is { } merged ? (merged, kept) : null;
    }

    private static string Embed(
        DocFile document, string text, string source, ITemplateSource templates, EmbedOptions? options, ProblemList problems)
    {
        if (!new TemplateEmbedder(templates, options ?? EmbedOptions.Everything, problems).Embed(document.Root, source)) return text;
        var kept = DocWriter.Write(document.Root);
        if (Encoding.UTF8.GetByteCount(kept) > YamlLimits.BytesMax)
            problems.Error("", $"template `{source}` is larger than {YamlLimits.BytesMax >> 20} MiB with all that it names");
        return kept;
    }

    private static bool HasBases(YamlNode? bases) => bases switch
    {
        null or { IsNull: true } => false,
        YamlList list => !list.Items.IsEmpty,
        _ => true,
    };

    private sealed record FilledTree(YamlMap Filled, string Kept, bool Typed, bool IsMap, bool ContainerdAsked);
}
