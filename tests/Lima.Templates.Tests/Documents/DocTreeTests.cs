using Lima.Templates.Documents;
using Lima.Templates.Yaml;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Templates.Tests.Documents;

/// <summary>A document as the tree that rules read: the same as reading its text at once.</summary>
public sealed class DocTreeTests(ITestOutputHelper output)
{
    [Fact]
    public void Templates_of_Lima_are_the_same_tree_either_way()
    {
        if (Need.DirectoryAbove(output, "shared/lima/templates") is not { } root) return;
        var count = 0;
        foreach (var path in Directory.EnumerateFiles(root, "*.yaml", SearchOption.AllDirectories))
        {
            var text = File.ReadAllText(path);
            if (!text.Contains('\n')) continue;
            Same(text);
            count++;
        }

        Assert.True(count > 70);
    }

    [Theory]
    [InlineData("a: &x {b: 1, c: [2, 3]}\nd: {<<: *x, b: 4}\ne: *x\n")]
    [InlineData("a: !!str 5\nb: \"5\"\nc: '5'\nd: |\n  5\ne: >-\n  5\nf: 5\ng: !!binary aGk=\n")]
    [InlineData("a: &x !mine v\nb: *x\nc:\nd: ~\n")]
    [InlineData("- 1\n- - 2\n  - {}\n- []\n")]
    public void A_text_is_the_same_tree_either_way(string text) => Same(text);

    [Theory]
    [InlineData("a: 1\na: 2\n", "t:2:1: key `a` is already set in line 1")]
    [InlineData("a: 1\n[b]: 2\n", "t:2:1: a key must be a single word, not a list")]
    [InlineData("<<: 1\na: 1\n", "t:1:5: `<<` must name a map or a list of maps, not a single value")]
    [InlineData("a: !!binary '*'\n", "t:1:4: a `!!binary` value must be base64 of UTF-8 text")]
    public void Problems_name_the_place(string text, string expected)
    {
        var problems = new ProblemList("t");
        DocTree.Read(DocReader.Read(text, "t", problems)![0].Root, problems);
        Assert.Equal(expected, Assert.Single(problems.Errors).ToString());
    }

    [Fact]
    public void A_node_that_was_merged_in_keeps_its_own_file_and_line()
    {
        var problems = new ProblemList("own");
        var root = DocReader.Read("a: 1\n", "own", problems)![0].Root;
        root.Set("b", DocReader.Read("\n\n  x\n", "base", problems)![0].Root);
        var tree = Assert.IsType<YamlMap>(DocTree.Read(root, problems));
        Assert.Equal(new Position("base", 3, 3), tree["b"]!.At);
        Assert.Equal(new Position("own", 1, 4), tree["a"]!.At);
    }

    [Fact]
    public void Aliases_are_counted_as_what_they_stand_for()
    {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 11).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));
        var problems = new ProblemList("t");
        var root = DocReader.Read(text, "t", problems)![0].Root;
        Assert.Null(DocTree.Read(root, problems));
        Assert.Contains("more than 250000 values", Assert.Single(problems.Errors).Message);
    }

    [Fact]
    public void An_alias_to_what_contains_it_ends()
    {
        var problems = new ProblemList("t");
        var root = DocNode.Mapping();
        root.Set("a", new DocNode { Kind = DocKind.Alias, Value = "r", Target = root });
        root.Anchor = "r";
        Assert.Null(DocTree.Read(root, problems));
        Assert.Contains("nested deeper", Assert.Single(problems.Errors).Message);
    }

    [Theory]
    [InlineData('[', 4_000_000)]
    [InlineData('{', 1_000_000)]
    [InlineData('-', 1_000_000)]
    [InlineData('?', 500_000)]
    public void Deep_texts_are_refused(char mark, int times)
    {
        var problems = new ProblemList("t");
        var text = mark is '-' or '?' ? string.Concat(Enumerable.Repeat(mark + " ", times)) : new string(mark, times);
        Assert.Null(DocReader.Read(text, "t", problems));
        Assert.Contains("nested deeper than 64", Assert.Single(problems.Errors).Message);
    }

    private static void Same(string text)
    {
        var problems = new ProblemList("t");
        var direct = YamlTreeReader.Read(text, "t", problems);
        var tree = DocTree.Read(DocReader.Read(text, "t", problems)![0].Root, problems);
        Assert.Empty(problems.Errors);
        Assert.Equal(Dump(direct!), Dump(tree!));
    }

    private static string Dump(YamlNode node) => $"{node.At.Line}:{node.At.Column} " + node switch
    {
        YamlScalar scalar => $"{scalar.Form} {scalar.Tag} «{scalar.Value}»",
        YamlList list => $"[{string.Join(", ", list.Items.Select(Dump))}]",
        YamlMap map => $"{{{string.Join(", ", map.Entries.Select(entry => Dump(entry.Key) + ": " + Dump(entry.Value)))}}}",
        _ => "?",
    };
}
