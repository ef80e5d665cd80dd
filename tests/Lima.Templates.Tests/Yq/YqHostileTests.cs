using System.Text;
using Lima.Templates.Documents;
using Lima.Templates.Yq;

namespace Lima.Templates.Tests.Yq;

/// <summary>Expressions made to break an evaluator end soon, with a problem or a bounded result.</summary>
public sealed class YqHostileTests
{
    private const string Input = "a: &x {b: [1, 2], c: 'd'}\nl: [1, two, null]\nt: text\nm: {<<: *x, z: *x}\ne: eval(.e)\n";

    public static TheoryData<string, string> Expressions() => new()
    {
        { "deep brackets", "nested deeper" },
        { "deep lists", "nested deeper" },
        { "deep maps", "nested deeper" },
        { "deep selects", "nested deeper" },
        { "deep sums", "nested deeper" },
        { "deep path", "nested deeper" },
        { "made path", "nested deeper" },
        { "eval of itself", "nested deeper" },
        { "interpolation of itself", "nested deeper" },
        { "many words", "more than" },
        { "long expression", "longer than" },
        { "doubling lists", "more than" },
        { "doubling texts", "more than" },
        { "doubling results", "more than" },
        { "repeated text", "more than" },
        { "nested result", "nested deeper" },
        { "far index", "more than" },
        { "own child", "" },
        { "alias of the parent", "" },
        { "alias ring", "" },
        { "cross product", "more than" },
        { "many groups", "" },
        { "slow pattern", "" },
        { "huge pattern", "" },
        { "slow glob", "more than" },
        { "slow equality", "more than" },
        { "deep indentation", "larger than" },
    };

    [Theory]
    [MemberData(nameof(Expressions))]
    public void Ends_soon(string name, string message)
    {
        var problem = Evaluate(Expression(name), Input, out _);
        if (message.Length > 0) Assert.Contains(message, problem);
    }

    private static string Expression(string name) => name switch
    {
        "deep brackets" => new string('(', 5000) + "." + new string(')', 5000),
        "deep lists" => new string('[', 5000) + new string(']', 5000),
        "deep maps" => Repeat("{\"a\": ", 5000) + "1" + new string('}', 5000),
        "deep selects" => Repeat("select(", 5000) + "." + new string(')', 5000),
        "deep sums" => Repeat("1 + ", 5000) + "1",
        "deep path" => Repeat(".a", 5000),
        "made path" => "." + string.Concat(Enumerable.Range(0, 300).Select(i => i == 0 ? "q" : ".q")) + " = 1",
        "eval of itself" => "eval(.e)",
        "interpolation of itself" => ".s = \"eval(.s)\" | eval(.s)",
        "many words" => Repeat("1, ", 60_000) + "1",
        "long expression" => "\"" + new string('x', 2 << 20) + "\"",
        "doubling lists" => ".l" + Repeat(" | . + .", 40),
        "doubling texts" => ".t" + Repeat(" | . + .", 60),
        "doubling results" => "." + Repeat(" | (.., ..)", 40),
        "repeated text" => ".t * 1000000000000",
        "nested result" => "[range] | ." + Repeat(" | [.]", 300),
        "far index" => ".l[2000000000]",
        "own child" => ".a.b = . | .a.b = .",
        "alias of the parent" => ". anchor = \"r\" | .l alias = \"r\" | explode(.)",
        "alias ring" => ".t anchor = \"p\" | .e anchor = \"q\" | .t alias = \"q\" | .e alias = \"p\" | .t.x",
        "cross product" => "[1, 2, 3, 4, 5, 6, 7, 8, 9] | [" + string.Join(" * ", Enumerable.Repeat(".[]", 12)) + "]",
        "many groups" => ".t | match(\"" + Repeat("(t?)", 200) + "\")",
        "slow pattern" => "(.t * 1000) | test(\"(t|te|tex|text)*$x\")",
        "huge pattern" => ".t | test(\"((((x{1000}){1000}){1000}){1000})\")",
        "slow glob" => ".t * 300000 | . == (\"*\" + (\"text\" * 150000) + \"x\")",
        "slow equality" => "(.l + .l + .l + .l) | (. + . + . + .) | (. + . + . + .) | (. + . + . + .) | (. + . + . + .) | (. + . + . + .) | (. + . + . + .) | . - map(. + 1)",
        "deep indentation" => "." + string.Join(".", Enumerable.Repeat("q", 110)) + " = \"x\\n\" * 3000000",
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    private static string Repeat(string text, int times) => new StringBuilder(text.Length * times).Insert(0, text, times).ToString();

    private static string Evaluate(string expression, string input, out string result)
    {
        result = "";
        if (!YqText.Apply([expression.Replace("[range] | ", "", StringComparison.Ordinal)], input, "t", YqSecurity.Restricted, out var text, out var problem)) return problem;
        result = text;
        Assert.True(result.Length < 100 << 20);
        return "";
    }

    [Fact]
    public void Mutations_of_expressions_never_throw_and_what_they_give_is_YAML()
    {
        var random = new Random(20_260_101);
        string[] seeds =
        [
            ".a.b[0] = 3 | del(.l[1]) | .m", ".l | map(select(. == \"t*\")) | .[0]", ". as $x | $x.a.b[] as $i ireduce (0; . + $i)",
            "with_entries(.key |= upcase) | sort_keys(..)", ".. |= (select(tag == \"!!int\") | . * 2)", "[.. | {\"k\": path | join(\".\"), \"v\": .}]",
            ".t | capture(\"(?P<x>t)(e)\") | to_json(0)", "explode(.) | .a *+ {\"b\": [3]} | ... comments = \"x\"", ".l | sort | unique | reverse | .[1:]",
            ".t style = \"double\" | .a tag = \"!x\" | (.t | key) head_comment = \"c\"", "\"\\(.t) and \\(.l)\" | split(\" \") | @csv",
        ];
        const string Alphabet = ".[](){}|,;:=*+-/\"\\$ab 01<>!?@#~&\n";
        var evaluated = 0;
        for (var round = 0; round < 6000; round++)
        {
            var text = new StringBuilder(seeds[random.Next(seeds.Length)]);
            for (var edits = random.Next(0, 4); edits > 0; edits--)
            {
                var at = random.Next(text.Length);
                if (random.Next(2) == 0) text.Remove(at, Math.Min(random.Next(1, 5), text.Length - at));
                else text.Insert(at, Alphabet[random.Next(Alphabet.Length)]);
                if (text.Length == 0) text.Append('.');
            }

            var problem = Evaluate(text.ToString(), Input, out var result);
            if (problem.Length > 0) continue;
            evaluated++;
            if (result.StartsWith("a:", StringComparison.Ordinal) && !result.Contains('*')) Assert.True(DocReader.Read(result, "t", out var problems) is not null, $"{text}\n{result}\n{string.Join("\n", problems)}");
        }

        Assert.True(evaluated > 1000, $"{evaluated} evaluated");
    }

    [Fact]
    public void Large_maps_can_be_merged()
    {
        var text = string.Concat(Enumerable.Range(0, 4000).Select(i => $"k{i}: {i}\n"));
        Assert.Equal("", Evaluate(". as $x | $x * {\"k3999\": 0, \"new\": 1}", text, out var result));
        Assert.EndsWith("k3999: 0\nnew: 1\n", result);
        Assert.Equal("", Evaluate(". * with_entries(.value += 1)", text, out result));
        Assert.EndsWith("k3999: 4000\n", result);
    }

    [Fact]
    public void An_evaluation_can_be_cancelled()
    {
        Assert.True(YqExpression.TryParse("[.[] * 2]", out var expression, out _));
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => expression.Evaluate([new DocFile(DocNode.Sequence())], YqSecurity.Restricted, false, out _, source.Token));
    }
}
