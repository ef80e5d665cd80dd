using System.Text;
using Lima.Templates.GoTemplates;

namespace Lima.Templates.Tests.GoTemplates;

/// <summary>Templates made to use up stack, time or memory end with a problem, or do not use them up.</summary>
public sealed class HostileTests
{
    public static TheoryData<string, string> Cases { get; } = new()
    {
        { "deep parentheses", "nested deeper" },
        { "deep ifs", "nested deeper" },
        { "deep defines", "unexpected <define>" },
        { "recursion", "nested deeper" },
        { "mutual recursion", "nested deeper" },
        { "actions in actions", "unexpected \"{\"" },
        { "open parens only", "nested deeper" },
        { "huge number", "bad number syntax" },
        { "huge hex float", "bad number syntax" },
        { "huge name", "not defined" },
        { "too long", "longer than" },
        { "endless range", "steps" },
        { "nested ranges", "steps" },
        { "text in a range", "characters of output" },
        { "doubling", "characters of output" },
        { "wide format", "characters of output" },
        { "wide indent", "too much space" },
        { "huge indent", "must be an integer" },
        { "long texts in a range", "steps" },
        { "many variables", "too many variables" },
        { "many brackets in a format", "steps" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Ends_with_a_problem(string name, string problem) =>
        Assert.Contains(problem, GoData.Problem(Text(name), LimaFunctions.All), StringComparison.Ordinal);

    private static string Text(string name) => name switch
    {
        "deep parentheses" => "{{" + new string('(', 100_000) + "1" + new string(')', 100_000) + "}}",
        "deep ifs" => Repeat("{{if 1}}", 100_000) + Repeat("{{end}}", 100_000),
        "deep defines" => Repeat("{{define \"a\"}}", 100_000),
        "recursion" => "{{define \"a\"}}{{template \"a\" .}}{{end}}{{template \"a\" .}}",
        "mutual recursion" => "{{define \"a\"}}{{if 1}}{{template \"b\" .}}{{end}}{{end}}{{define \"b\"}}{{with 1}}{{template \"a\" .}}{{end}}{{end}}{{template \"a\" .}}",
        "actions in actions" => Repeat("{{ ", 1_000_000),
        "open parens only" => "{{" + new string('(', 4_000_000),
        "huge number" => "{{" + new string('9', 4_000_000) + "}}",
        "huge hex float" => "{{0x1p" + new string('9', 1_000_000) + "}}",
        "huge name" => "{{" + new string('a', 4_000_000) + "}}",
        "too long" => new string('a', GoTemplate.TextLengthMax + 1),
        "endless range" => "{{range 9223372036854775807}}{{end}}",
        "nested ranges" => Repeat("{{range 1000}}", 50) + Repeat("{{end}}", 50),
        "text in a range" => "{{range 1000000}}" + new string('a', 1000) + "{{end}}",
        "doubling" => "{{$x := `aaaaaaaaaa`}}{{range 1000}}{{$x = print $x $x}}{{end}}",
        "wide format" => "{{range 100}}{{$x := printf `%999999d` 1}}{{end}}",
        "wide indent" => "{{indent 1000000 `" + Repeat("a\n", 1000) + "`}}",
        "huge indent" => "{{indent -1 `a`}}",
        "long texts in a range" => "{{$x := `" + new string('a', 1_000_000) + "`}}{{range 1000000}}{{if len $x}}{{end}}{{end}}",
        "many variables" => string.Concat(Enumerable.Range(0, 200_000).Select(i => $"{{{{$v{i}:=1}}}}")),
        "many brackets in a format" => "{{printf `" + Repeat("%[", 1_000_000) + "`}}",
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    [Fact]
    public void Much_that_is_flat_is_read()
    {
        Assert.Equal(100_000, GoData.Execute(Repeat("{{1}}", 100_000)).Length);
        Assert.Equal("x", GoData.Execute("{{if .No}}" + Repeat("{{else if .No}}y", 10_000) + "{{else}}x{{end}}"));
        Assert.Equal(2 * 100_000, GoData.Execute("{{print" + Repeat(" 1", 100_000) + "}}").Length + 1);
        Assert.Equal("", GoData.Execute(Repeat("{{- /* */ -}} ", 250_000)));
        Assert.Equal(4_000_000, GoData.Execute(new string('{', 1) + new string(' ', 3_999_999)).Length);
        Assert.Equal("3", GoData.Execute("{{3" + Repeat(" | print", 100_000) + "}}"));
    }

    [Fact]
    public void Nesting_up_to_the_limit_needs_little_stack()
    {
        const int Levels = GoTemplate.NestingMax - 2;
        var (parens, blocks) = ("", "");
        var thread = new Thread(
            () =>
            {
                parens = GoData.Execute("{{" + Repeat("(print ", Levels) + "1" + new string(')', Levels) + "}}");
                blocks = GoData.Execute(Repeat("{{range 1}}", Levels) + "{{.}}" + Repeat("{{end}}", Levels));
            },
            maxStackSize: 512 << 10);
        thread.Start();
        thread.Join();
        Assert.Equal(("1", "0"), (parens, blocks));
    }

    [Fact]
    public void Deeply_nested_values_are_not_followed_for_ever()
    {
        GoValue value = GoValue.Of(1);
        for (var i = 0; i < 100_000; i++) value = new GoList([value]);
        Assert.Contains("nested deeper", GoData.Problem("{{.}}", data: value));
        Assert.Contains("nested deeper", GoData.Problem("{{printf `%#v` .}}", data: value));
        Assert.Contains("nested deeper", GoData.Problem("{{json .}}", LimaFunctions.All, value));
        Assert.Contains("nested deeper", GoData.Problem("{{yaml .}}", LimaFunctions.All, value));
    }

    private static string Repeat(string text, int times) => new StringBuilder(text.Length * times).Insert(0, text, times).ToString();
}
