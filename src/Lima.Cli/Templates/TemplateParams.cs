using Lima.Templates.Yq;

namespace Lima.Cli.Templates;

/// <summary>The parameters that a template defines.</summary>
internal static class TemplateParams
{
    private const string Names = ".param // {} | keys | .[]";

    /// <summary>Their names; none where the template cannot be read, which is told elsewhere.</summary>
    public static IReadOnlyCollection<string> NamesOf(TemplateText template) =>
        YqText.Apply([Names], template.Yaml, template.Source, YqSecurity.Restricted, out var names, out _)
            ? names.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            : [];
}
