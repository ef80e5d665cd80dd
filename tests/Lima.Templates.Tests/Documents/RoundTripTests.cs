using Lima.Templates.Documents;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Templates.Tests.Documents;

/// <summary>What is read and written again without a change is the same text.</summary>
public sealed class RoundTripTests(ITestOutputHelper output)
{
    [Fact]
    public void Templates_of_Lima_come_back_as_they_were()
    {
        if (Need.DirectoryAbove(output, "shared/lima/templates") is not { } root) return;
        var count = 0;
        var different = new List<string>();
        foreach (var path in Directory.EnumerateFiles(root, "*.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var text = File.ReadAllText(path);
            if (!text.Contains('\n')) continue;
            count++;
            var again = DocWriter.Write(Docs.Read(text));
            if (again != text) different.Add($"{path}: {Docs.FirstDifference(text, again)}");
        }

        Assert.True(count > 70);
        Assert.True(different.Count == 0, string.Join("\n", different));
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_text_comes_back_as_it_was(string text)
    {
        Assert.Equal(text, DocWriter.Write(Docs.Read(text)));
    }

    public static TheoryData<string> Texts() => new(
        "a: 1\n",
        "# lead\n\na: 1\n",
        "\n\n# lead\n\n# more\na: 1\n\n# end\n",
        "a: 1  # one\n",
        "a:  # on the key\n  b: 1\n",
        "a:\n  # head of b\n  b: 1\n  # foot of b\n\n# head of c\nc: 2\n",
        "a:\n# head of the item\n- x\n# head of the second\n- y\n\nb: 1\n",
        "a: []\n# - example\n#   more\n\nb: 1\n",
        "a:\n- b: 1\n  # c\n  c: 2\n\n- b: 2\n",
        "a:\n-  # on the item\n  b: 1\n",
        "a: |\n  text # no comment\n\n  more\n\n# head\nb: |-\n  x\nc: |+\n  y\n\nd: >\n  folded\n\n  text\n",
        "a: |  # of the block\n  text\nb: 1\n",
        "a: |2\n    indented\n",
        "a: {b: 1, c: [x, \"y\", 'z']}  # flow\n",
        "a: [\n  1,  # one\n  # two\n  2\n]\nb: 1\n",
        "a: &anchor\n  b: 1\nc: *anchor\nd: &x !!str 5\ne: *x\n",
        "m: &m {a: 1}\nb: {<<: *m}\n",
        "\"a b\": 'it''s'\nc: \"tab\\t and \\\" and \\\\\"\n",
        "a:\nb: ~\nc: null\nd: \"\"\n",
        "- - 1\n  - 2\n- - 3\n",
        "- a\n\n- b\n",
        "# only a comment\n",
        "a: 1\n---\nb: 2\n---\nc: 3\n",
        "# lead\n---\n# head\na: 1\n",
        "a:\n  b:\n    c: 1\n\n    d: 2\n\n  e: 3\n\nf: 4\n",
        "a: !custom x\nb: !mine [x]\n",
        "url: http://example.com/a#b\nhash: \"a #b\"\ntime: 12:30\n",
        "a:\n  b: 1\n\n\n\nc: 2\n",
        "just a scalar\n",
        "[a, b]: 1\n",
        "{a: &a cat, b: &b \"5\", c: &c {x: 1}, d: &d [1, *a], e: *b}\n",
        "a: {b: &x !!str 5, c: &y null, d: 1}\n",
        "[&a x, &b {c: &d y, e: *a}, *d]\n",
        "a: 'x: y'\nb: \"- z\"\n");

    [Theory]
    [InlineData("a:\n  - x\n  - y\n", "a:\n- x\n- y\n")]
    [InlineData("a:   1   # c\n", "a: 1  # c\n")]
    [InlineData("a: 1\r\n# c\r\nb: 2\r\n", "a: 1\n# c\nb: 2\n")]
    [InlineData("a:\n    b:   x\n", "a:\n  b: x\n")]
    [InlineData("a: plain\n  folded\n", "a: plain folded\n")]
    [InlineData("a: \"\\u00e9\"\n", "a: \"é\"\n")]
    [InlineData("a:\n# c\n  b: 1\n", "a:\n  # c\n  b: 1\n")]
    [InlineData("a: # c\n  value\n", "# c\na: value\n")]
    [InlineData("a: 1", "a: 1\n")]
    [InlineData("a: 1\n...\n", "a: 1\n")]
    [InlineData("", "")]
    public void A_text_comes_back_in_the_usual_layout(string text, string expected)
    {
        Assert.Equal(expected, DocWriter.Write(Docs.Read(text)));
        Assert.Equal(expected, DocWriter.Write(Docs.Read(expected)));
    }

    [Fact]
    public void The_layout_of_yq_indents_lists()
    {
        var text = "a:\n  - x # c\n  - b: 1\n    c: 2\n";
        Assert.Equal(text, DocWriter.Write(Docs.Read(text), DocFormat.Yq));
        Assert.Equal("a:\n    - x # c\n    - b: 1\n      c: 2\n", DocWriter.Write(Docs.Read(text), DocFormat.Yq with { Indent = 4 }));
    }

    [Fact]
    public void Mutations_of_a_text_never_throw_and_what_is_written_reads_the_same()
    {
        var random = new Random(7);
        const string Seed = "# c\na: &x {b: [1, 2], c: 'd'} # e\nl:\n- *x\n# f\n- |\n  text\n\n- \"q\\n\"\nm:\n  n: o\n  # foot\n\np: >-\n  y\n  z\n";
        const string Alphabet = "{}[]:,&*#?|->'\"%@`!\\ \n\t~0a<";
        for (var round = 0; round < 4000; round++)
        {
            var text = Seed;
            for (var edits = random.Next(1, 5); edits > 0; edits--)
            {
                var at = random.Next(text.Length);
                text = random.Next(3) == 0 ? text.Remove(at, Math.Min(random.Next(1, 6), text.Length - at)) : text.Insert(at, Alphabet[random.Next(Alphabet.Length)].ToString());
            }

            var problems = new ProblemList("t");
            if (DocReader.Read(text, "t", problems) is not { } read)
            {
                Assert.True(problems.HasErrors, text);
                continue;
            }

            var written = DocWriter.Write(read);
            problems = new ProblemList("t");
            var again = DocReader.Read(written, "t", problems);
            Assert.True(again is not null, $"{text}\n=>\n{written}\n{string.Join("\n", problems.Errors)}");
            Assert.True(Docs.Dump(read) == Docs.Dump(again), $"{text}\n=>\n{written}\n{Docs.Dump(read)}\n=>\n{Docs.Dump(again)}");
            Assert.True(Comments(read) <= Comments(again), $"{text}\n=>\n{written}");
        }
    }

    private static int Comments(IReadOnlyList<DocFile> read) => read.Sum(document => Count(document.Lead) + Count(document.Root));

    private static int Count(DocNode node) =>
        Count(node.HeadComment) + Count(node.LineComment) + Count(node.FootComment) + node.Content.Sum(Count);

    private static int Count(string comment) => comment.Split('\n').Count(line => line.StartsWith('#'));
}
