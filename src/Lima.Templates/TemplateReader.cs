using System.Text;
using Lima.Templates.Bases;
using Lima.Templates.Defaults;
using Lima.Templates.Documents;
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
    public static TemplateResult Read(string text, string source, HostFacts host, InstanceFacts instance, ITemplateSource? templates = null)
    {
        var problems = new ProblemList(source);
        if (Prepare(text, source, templates, problems) is not var (root, kept))
        {
            return new TemplateResult(null, text, problems.Errors, problems.Warnings, []);
        }

        var checker = new SchemaChecker(source, problems);
        checker.Check(root);
        var reading = new Reading(new Section(root as YamlMap, "", root.At), host, instance, problems);
        if (root is YamlMap or { IsNull: true }) TemplateValidator.Check(reading, checker);
        var spec = problems.HasErrors ? null : SpecBuilder.Build(reading);
        return new TemplateResult(spec, spec is null ? text : kept, problems.Errors, problems.Warnings, checker.NotYetInEffect);
    }

    /// <summary>Puts what a template names into it without checking more than that.</summary>
    /// <param name="text">The text, at most 4 MiB.</param>
    /// <param name="source">As for <see cref="Read"/>.</param>
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
    /// <param name="source">As for <see cref="Read"/>.</param>
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
}
