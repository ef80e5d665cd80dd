using Lima.Templates.Bases;
using Lima.Templates.Defaults;
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
        if (YamlTreeReader.Read(text, source, problems) is not { } node)
        {
            return new TemplateResult(null, text, problems.Errors, problems.Warnings, []);
        }

        var (root, kept) = EmbedBases(node, text, source, templates, problems);
        var checker = new SchemaChecker(source, problems);
        checker.Check(root);
        var reading = new Reading(new Section(root as YamlMap, "", root.At), host, instance, problems);
        if (root is YamlMap or { IsNull: true }) TemplateValidator.Check(reading, checker);
        var spec = problems.HasErrors ? null : SpecBuilder.Build(reading);
        return new TemplateResult(spec, spec is null ? text : kept, problems.Errors, problems.Warnings, checker.NotYetInEffect);
    }

    /// <summary>Merges the bases of a template into it without checking more than that.</summary>
    /// <param name="text">The text, at most 4 MiB.</param>
    /// <param name="source">As for <see cref="Read"/>.</param>
    /// <param name="templates">Gives the texts of bases.</param>
    public static EmbeddedTemplate Embed(string text, string source, ITemplateSource templates)
    {
        var problems = new ProblemList(source);
        var kept = YamlTreeReader.Read(text, source, problems) is { } node ? EmbedBases(node, text, source, templates, problems).Text : text;
        return new EmbeddedTemplate(problems.HasErrors ? text : kept, problems.Errors, problems.Warnings);
    }

    /// <summary>The document with its bases, and the text to keep: as given where there is no base.</summary>
    private static (YamlNode Root, string Text) EmbedBases(
        YamlNode root, string text, string source, ITemplateSource? templates, ProblemList problems)
    {
        if (root is not YamlMap map || !BaseEmbedder.HasBases(map)) return (root, text);
        var merged = new BaseEmbedder(templates, problems).Embed(map, source);
        return (merged, problems.HasErrors ? text : YamlTreeWriter.Write(merged));
    }
}
