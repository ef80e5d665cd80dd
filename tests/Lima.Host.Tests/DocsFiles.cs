using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Lima.Host.Tests;

/// <summary>Documents of the repository and the tables in them.</summary>
internal static partial class DocsFiles
{
    public static string Root { get; } = FindRoot();

    /// <summary>All documents for people, relative to the root.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "README.md", "CONTRIBUTING.md", "images/README.md",
        .. Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md").Select(f => Path.GetRelativePath(Root, f)).Order(StringComparer.Ordinal),
    ];

    public static string Read(string relative) => File.ReadAllText(Path.Combine(Root, relative));

    /// <summary>Rows of the one table whose header begins with these titles.</summary>
    public static ImmutableArray<ImmutableArray<string>> Table(string document, params string[] header)
    {
        var lines = Read(document).Split('\n');
        var found = new List<ImmutableArray<ImmutableArray<string>>>();
        for (var i = 0; i + 1 < lines.Length; i++)
        {
            if (!lines[i].StartsWith('|') || !lines[i + 1].StartsWith("|--", StringComparison.Ordinal)) continue;
            if (!Cells(lines[i]).Take(header.Length).SequenceEqual(header)) continue;
            found.Add([.. lines.Skip(i + 2).TakeWhile(l => l.StartsWith('|')).Select(Cells)]);
        }

        return Assert.Single(found);
    }

    /// <summary>What stands in backquotes.</summary>
    public static IEnumerable<string> Quoted(string text) => InBackquotes().Matches(text).Select(m => m.Groups[1].Value);

    private static ImmutableArray<string> Cells(string line) => [.. line.Trim().Trim('|').Split('|').Select(c => c.Trim())];

    private static string FindRoot()
    {
        var at = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(at, "LimaActors.sln")))
            at = Path.GetDirectoryName(at) ?? throw new InvalidOperationException("LimaActors.sln is in no directory above the tests");
        return at;
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex InBackquotes();
}
