using Lima.Templates;

namespace Lima.Cli.Templates;

/// <summary>The user's own files beside every template: <c>_config/base.yaml</c>, <c>default.yaml</c>, <c>override.yaml</c> and <c>networks.yaml</c>.</summary>
internal sealed class TemplateFiles(CliPaths paths)
{
    /// <summary>Path of the base that new instances get before those of their template; null when there is none.</summary>
    public string? Base => File.Exists(PathOf("base")) ? PathOf("base") : null;

    /// <summary>What networks a template may name; null when there is no such file.</summary>
    /// <exception cref="CliException">The file cannot be read.</exception>
    public SourceText? Networks => Layer("networks");

    /// <summary>A template with the user's defaults and overrides around it.</summary>
    /// <exception cref="CliException">One of the files cannot be read.</exception>
    public TemplateLayers Around(TemplateText template) =>
        new(new SourceText(template.Yaml, template.Location), Layer("default"), Layer("override"));

    private SourceText? Layer(string name)
    {
        var path = PathOf(name);
        if (!File.Exists(path)) return null;
        try
        {
            using var file = File.OpenRead(path);
            return new SourceText(System.Text.Encoding.UTF8.GetString(BoundedBytes.Read(file, path)), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"`{path}` cannot be read: {e.Message}", "correct its permissions, or remove it");
        }
    }

    private string PathOf(string name) => Path.Combine(paths.Home, "_config", name + ".yaml");
}
