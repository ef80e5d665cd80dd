using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Templates.Tests;

/// <summary>What was recorded from Lima, where it is there.</summary>
internal static class LimaData
{
    /// <summary>Its directory; null, with a printed reason, when absent.</summary>
    public static string? Root(ITestOutputHelper output) => Need.DirectoryAbove(output, "shared/lima");

    /// <summary>Names of its templates without the internal ones; one that is no template's where the data is absent.</summary>
    public static string[] Names()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var templates = Path.Combine(at.FullName, "shared/lima/templates");
            if (Directory.Exists(templates)) return [.. NamesIn(templates).Where(name => !name.StartsWith('_'))];
        }

        return ["none"];
    }

    /// <summary>Names of all templates below a directory.</summary>
    public static IEnumerable<string> NamesIn(string root) => Directory.GetFiles(root, "*.yaml", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(root, file)[..^".yaml".Length])
        .Order(StringComparer.Ordinal);

    /// <summary>Text of a template; a file that is only a name of another stands for that one.</summary>
    public static string Read(string root, string name) =>
        new LimaTemplateSource(Path.Combine(root, "templates")).TryRead("template:" + name, out var content, out var problem)
            ? System.Text.Encoding.UTF8.GetString(content)
            : throw new FileNotFoundException(problem);
}
