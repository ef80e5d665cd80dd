using System.Text.RegularExpressions;
using Lima.Templates.Schema;

namespace Lima.Host.Tests;

/// <summary>What documents point at exists, and what exists is in them.</summary>
public sealed partial class DocsReadmeTests
{
    /// <summary>Words of that form which are no variables of the user's environment.</summary>
    private static readonly string[] NoVariables = ["LIMA_CIDATA", "LIMA_CIDATA_UID"];

    public static TheoryData<string> Documents => [.. DocsFiles.All];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_relative_link_leads_somewhere(string document)
    {
        var folder = Path.GetDirectoryName(Path.Combine(DocsFiles.Root, document))!;
        var broken = Link().Matches(DocsFiles.Read(document)).Select(m => m.Groups[1].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal))
            .Where(target => !Path.Exists(Path.Combine(folder, target.Split('#')[0])));
        Assert.Empty(broken);
    }

    [Fact]
    public void The_readme_lists_the_variables_that_the_program_reads_and_no_others()
    {
        var table = DocsFiles.Table("README.md", "Variable", "Meaning").Select(row => row[0].Trim('`')).ToHashSet();
        var code = Directory.EnumerateFiles(Path.Combine(DocsFiles.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Split('/').Any(part => part is "obj" or "bin"))
            .SelectMany(f => Variable().Matches(File.ReadAllText(f))).Select(m => m.Groups[1].Value).ToHashSet();
        var recipes = DocsFiles.Read("images/shared/recipe.sh");
        Assert.Empty(code.Where(name => name.StartsWith("LIMA_", StringComparison.Ordinal)).Except(NoVariables).Except(table));
        var unread = table.Where(name => !code.Contains(name) && !code.Any(c => c.EndsWith('_') && name.StartsWith(c, StringComparison.Ordinal))
            && !recipes.Contains(name, StringComparison.Ordinal));
        Assert.Empty(unread);
    }

    [Fact]
    public void The_readme_names_every_project_and_document()
    {
        var readme = DocsFiles.Read("README.md");
        var projects = Directory.EnumerateDirectories(Path.Combine(DocsFiles.Root, "src")).Select(d => $"`src/{Path.GetFileName(d)}`");
        var unnamed = projects.Concat(DocsFiles.All.Where(d => d.StartsWith("docs/", StringComparison.Ordinal)))
            .Where(name => !readme.Contains(name, StringComparison.Ordinal));
        Assert.Empty(unnamed);
    }

    [Fact]
    public void The_differences_list_every_key_that_has_no_effect_yet()
    {
        var all = LimaSchema.All().ToDictionary(entry => entry.Path, entry => entry.Field.Effect);
        // What lies below a key without effect is not named again.
        var without = all.Where(entry => entry.Value == FieldEffect.NotYet && !Parents(entry.Key).Any(p => all.GetValueOrDefault(p) == FieldEffect.NotYet))
            .Select(entry => entry.Key);
        var documented = DocsFiles.Table("docs/differences-from-lima.md", "Key", "What is missing").SelectMany(row => DocsFiles.Quoted(row[0]));
        Assert.Equal(without.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Parents(string path)
    {
        for (var dot = path.LastIndexOf('.'); dot > 0; dot = path.LastIndexOf('.', dot - 1))
        {
            yield return path[..dot];
            yield return path[..dot].Replace("[]", "", StringComparison.Ordinal);
        }
    }

    [GeneratedRegex(@"\]\(([^)\s#][^)\s]*)\)")]
    private static partial Regex Link();

    [GeneratedRegex("\"((?:LIMA|QEMU|XDG|SSH)(?:_[A-Z0-9_]*)?)\"")]
    private static partial Regex Variable();
}
