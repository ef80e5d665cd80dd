using Lima.Templates.Tests.Documents;
using Lima.Templates.Yq;

namespace Lima.Templates.Tests.Yq;

/// <summary>The tables in <c>Corpus</c>: what yq v4 answers, as its documentation and tests describe it.</summary>
public sealed class YqCorpusTests
{
    private static readonly Dictionary<string, string> Environment = new() { ["name"] = "cat", ["num"] = "3", ["empty"] = "", ["map"] = "{a: 1}", ["expr"] = ".a" };

    private static string Root => Path.Combine(AppContext.BaseDirectory, "Yq", "Corpus");

    public static TheoryData<string> Files() => new(Directory.GetFiles(Root, "*.txt").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_row_gives_what_is_expected(string file)
    {
        var rows = YqCorpus.Read(Path.Combine(Root, file)).ToList();
        Assert.NotEmpty(rows);
        var wrong = rows.Select(row => (row, actual: Run(row))).Where(pair => !Fits(pair.row.Expected, pair.actual)).ToList();
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {rows.Count}\n" + string.Join("\n", wrong.Select(pair => $"{pair.row.Name}: {pair.row.Expression}\n--- expected\n{pair.row.Expected}--- actual\n{pair.actual}")));
    }

    [Fact]
    public void There_are_some_hundred_rows()
    {
        var rows = Directory.GetFiles(Root, "*.txt").Sum(path => YqCorpus.Read(path).Count());
        Assert.True(rows >= 300, $"{rows} rows");
    }

    private static bool Fits(string expected, string actual) => expected.StartsWith("error:", StringComparison.Ordinal)
        ? actual.StartsWith("error:", StringComparison.Ordinal) && actual.Contains(expected["error:".Length..].Trim(), StringComparison.Ordinal)
        : expected == actual;

    private static string Run(YqRow row)
    {
        var together = row.Expression.StartsWith("ea ", StringComparison.Ordinal);
        var text = together ? row.Expression[3..] : row.Expression;
        if (!YqExpression.TryParse(text, out var expression, out var problem)) return "error: " + problem + "\n";
        var documents = Docs.Read(row.Input);
        var security = new YqSecurity(Environment.GetValueOrDefault, path => path == "file.yaml" ? "# c\nx: 1\n" : throw new FileNotFoundException("no such file"));
        if (expression.Evaluate(documents, security, together, out problem) is not { } results) return "error: " + problem + "\n";
        return new YqPrinter(new YqPrinting()).Print(results);
    }
}
