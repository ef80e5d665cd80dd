using System.Text.RegularExpressions;
using Lima.Templates.Yaml;
using Lima.Templates.Yq;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Templates.Tests.Yq;

/// <summary>What <c>docs/yq.md</c> says of operators and bounds is so.</summary>
public sealed partial class YqDocsTests(ITestOutputHelper output)
{
    private string? Text => Need.DirectoryAbove(output, "docs") is { } docs ? File.ReadAllText(Path.Combine(docs, "yq.md")) : null;

    [Fact]
    public void The_operators_are_those_of_the_tables()
    {
        if (Text is not { } text) return;
        var section = text.Split("\n## Operators")[1].Split("\n## ")[0];
        var cut = section.IndexOf("Refused by name", StringComparison.Ordinal);
        var named = Names(section[..cut]);
        Assert.Equal([], named.Where(name => !YqWords.All.ContainsKey(name)));
        var missing = YqWords.All.GroupBy(word => (word.Value.Op, word.Value.Text)).Where(group => !group.Any(word => named.Contains(word.Key)));
        Assert.Equal([], missing.Select(group => group.First().Key));
        var refused = Names(section[cut..section.IndexOf("With `--set`", StringComparison.Ordinal)]);
        Assert.Equal(YqWords.Refused.Keys.Order(StringComparer.Ordinal), refused.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_bounds_are_those_of_the_table()
    {
        if (Text is not { } text) return;
        var section = text.Split("\n## Bounds")[1];
        int[] bounds =
        [
            YamlLimits.NodesMax, YamlLimits.DepthMax, YqLimits.TextMax, YqLimits.TokensMax, YqLimits.DepthMax, YqLimits.StepsMax, YqLimits.ScansMax, YqLimits.NodesMax, YqLimits.ResultDepthMax,
            YamlLimits.BytesMax >> 20, YqLimits.CharsMax >> 20, Lima.Templates.Documents.DocWriter.CharsMax >> 20,
        ];
        Assert.All(bounds, bound => Assert.Matches($@"\b{bound:N0}\b", section));
    }

    private static HashSet<string> Names(string text) =>
        text.Split('\n').Where(line => line.StartsWith('|')).SelectMany(line => Quoted().Matches(line)).Select(match => match.Groups[1].Value).ToHashSet();

    [GeneratedRegex("`([@A-Za-z0-9_]+)`")]
    private static partial Regex Quoted();
}
