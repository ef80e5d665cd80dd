using System.Collections.Immutable;

namespace Lima.Domain.Tests.Documents;

/// <summary>One table of a document, by the header it has.</summary>
/// <param name="Header">Titles of the columns.</param>
/// <param name="Rows">Cells, row by row.</param>
internal sealed record MarkdownTable(ImmutableArray<string> Header, ImmutableArray<ImmutableArray<string>> Rows)
{
    /// <summary>The rows by their first cell.</summary>
    public ImmutableDictionary<string, ImmutableArray<string>> ByFirst => Rows.ToImmutableDictionary(r => r[0]);

    /// <summary>Every table of a document in <c>docs/</c>.</summary>
    public static ImmutableArray<MarkdownTable> Of(string document)
    {
        var tables = ImmutableArray.CreateBuilder<MarkdownTable>();
        var lines = File.ReadAllLines(Path.Combine(RepositoryRoot(), "docs", document));
        for (var i = 0; i + 1 < lines.Length; i++)
        {
            if (!lines[i].StartsWith('|') || !lines[i + 1].StartsWith("|--", StringComparison.Ordinal)) continue;
            var header = Cells(lines[i]);
            var rows = lines.Skip(i + 2).TakeWhile(l => l.StartsWith('|')).Select(Cells).ToImmutableArray();
            Assert.All(rows, row => Assert.Equal(header.Length, row.Length));
            Assert.All(rows, row => Assert.All(row, cell => Assert.NotEqual("", cell)));
            tables.Add(new MarkdownTable(header, rows));
        }

        return tables.ToImmutable();
    }

    private static ImmutableArray<string> Cells(string line) => [.. line.Trim().Trim('|').Split('|').Select(c => c.Trim())];

    private static string RepositoryRoot()
    {
        var at = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(at, "LimaActors.sln")))
            at = Path.GetDirectoryName(at) ?? throw new InvalidOperationException("LimaActors.sln is in no directory above the tests");
        return at;
    }
}
