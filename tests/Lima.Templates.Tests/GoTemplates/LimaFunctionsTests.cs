using Lima.Templates.GoTemplates;

namespace Lima.Templates.Tests.GoTemplates;

/// <summary>The functions of <c>limactl list --format</c>.</summary>
public sealed class LimaFunctionsTests
{
    private static readonly GoStruct Data = new("main.X",
    [
        new("Foo", "foo", false, GoValue.Of(42)),
        new("Bar", "bar", false, GoValue.Of("hello")),
        new("Message", "message", true, GoValue.Of("One\nTwo\nThree")),
        new("Missing", "missing", true, GoValue.Of("")),
        new("Hidden", "-", false, GoValue.Of("x")),
        new("Sub", "sub", true, new GoStruct("main.Y", [new("P", "p", true, new GoPointer(null, "int"))])),
    ]);

    [Theory]
    [InlineData("{{json .}}", """{"foo":42,"bar":"hello","message":"One\nTwo\nThree","sub":{}}""")]
    [InlineData("{{yaml .}}", "---\nfoo: 42\nbar: hello\nmessage: |-\n  One\n  Two\n  Three")]
    [InlineData("{{.Message | indent}}", "  One\n  Two\n  Three")]
    [InlineData("{{.Bar}}{{\"\\n\"}}{{.Missing | missing \"<none>\" | indent 4}}", "hello\n    <none>")]
    [InlineData("{{indent 1 \"a\\n\\nb\\n\"}}|{{indent 0 `x`}}|{{indent ``}}", " a\n\n b\n|x|")]
    [InlineData("{{.Missing | missing}} {{.Bar | missing}} {{missing `a` ``}}", "<missing> hello a")]
    [InlineData("{{json .Nothing}}", null)]
    [InlineData("{{json `<a & b>\\\"\u2028\u0001`}} {{json 1.5}} {{json 1e21}} {{json 1e-7}} {{json true}} {{json nil}}", "\"<a & b>\\\\\\\"\\u2028\\u0001\" 1.5 1e+21 1e-7 true null")]
    [InlineData("{{yaml `true`}} {{yaml `a: b`}} {{yaml 3}} {{yaml 2.0}} {{yaml nil}}", "---\n\"true\" ---\n\"a: b\" ---\n3 ---\n2.0 ---\nnull")]
    public void Give_what_Lima_gives(string template, string? expected)
    {
        if (expected is null) Assert.Contains("can't evaluate field Nothing in type main.X", GoData.Problem(template, LimaFunctions.All, Data));
        else Assert.Equal(expected, GoData.Execute(template, LimaFunctions.All, Data));
    }

    [Theory]
    [InlineData("{{indent}}", "error calling indent: takes at least one string argument")]
    [InlineData("{{indent 1 2 `a`}}", "error calling indent: takes at most 2 arguments")]
    [InlineData("{{indent `a` `b`}}", "error calling indent: optional first argument must be an integer")]
    [InlineData("{{indent 1}}", "error calling indent: last argument must be a string")]
    [InlineData("{{missing}}", "error calling missing: takes at least one string argument")]
    [InlineData("{{missing 1 `b`}}", "error calling missing: optional first argument must be a string")]
    [InlineData("{{.Foo | missing}}", "error calling missing: last argument must be a string")]
    [InlineData("{{json}}", "error calling json: takes one argument, got 0")]
    [InlineData("{{yaml 1 2}}", "error calling yaml: takes one argument, got 2")]
    public void Say_what_is_wrong(string template, string problem) =>
        Assert.Contains(problem, GoData.Problem(template, LimaFunctions.All, Data), StringComparison.Ordinal);

    public static TheoryData<string, string> Scalars { get; } = new()
    {
        { "", "---\na:\n- b: \"\"\n  c:\n  - \"\"\n- q" },
        { "a", "---\na:\n- b: a\n  c:\n  - a\n- q" },
        { "true", "---\na:\n- b: \"true\"\n  c:\n  - \"true\"\n- q" },
        { "yes", "---\na:\n- b: \"yes\"\n  c:\n  - \"yes\"\n- q" },
        { "null", "---\na:\n- b: \"null\"\n  c:\n  - \"null\"\n- q" },
        { "~", "---\na:\n- b: \"~\"\n  c:\n  - \"~\"\n- q" },
        { "1", "---\na:\n- b: \"1\"\n  c:\n  - \"1\"\n- q" },
        { "1.5", "---\na:\n- b: \"1.5\"\n  c:\n  - \"1.5\"\n- q" },
        { "0x1f", "---\na:\n- b: \"0x1f\"\n  c:\n  - \"0x1f\"\n- q" },
        { "08", "---\na:\n- b: 08\n  c:\n  - 08\n- q" },
        { "1e3", "---\na:\n- b: 1e3\n  c:\n  - 1e3\n- q" },
        { "1_000", "---\na:\n- b: \"1_000\"\n  c:\n  - \"1_000\"\n- q" },
        { "-", "---\na:\n- b: \"-\"\n  c:\n  - \"-\"\n- q" },
        { "- a", "---\na:\n- b: \"- a\"\n  c:\n  - \"- a\"\n- q" },
        { "a: b", "---\na:\n- b: \"a: b\"\n  c:\n  - \"a: b\"\n- q" },
        { "a:", "---\na:\n- b: \"a:\"\n  c:\n  - \"a:\"\n- q" },
        { "a #b", "---\na:\n- b: \"a #b\"\n  c:\n  - \"a #b\"\n- q" },
        { "#", "---\na:\n- b: \"#\"\n  c:\n  - \"#\"\n- q" },
        { "*a", "---\na:\n- b: \"*a\"\n  c:\n  - \"*a\"\n- q" },
        { "&a", "---\na:\n- b: \"&a\"\n  c:\n  - \"&a\"\n- q" },
        { "[a", "---\na:\n- b: \"[a\"\n  c:\n  - \"[a\"\n- q" },
        { "{a", "---\na:\n- b: \"{a\"\n  c:\n  - \"{a\"\n- q" },
        { "}", "---\na:\n- b: \"}\"\n  c:\n  - \"}\"\n- q" },
        { "]", "---\na:\n- b: \"]\"\n  c:\n  - \"]\"\n- q" },
        { ",", "---\na:\n- b: \",\"\n  c:\n  - \",\"\n- q" },
        { "!", "---\na:\n- b: \"!\"\n  c:\n  - \"!\"\n- q" },
        { "|", "---\na:\n- b: \"|\"\n  c:\n  - \"|\"\n- q" },
        { ">", "---\na:\n- b: \">\"\n  c:\n  - \">\"\n- q" },
        { "%", "---\na:\n- b: \"%\"\n  c:\n  - \"%\"\n- q" },
        { "'", "---\na:\n- b: \"'\"\n  c:\n  - \"'\"\n- q" },
        { "\"", "---\na:\n- b: \"\\\"\"\n  c:\n  - \"\\\"\"\n- q" },
        { "@", "---\na:\n- b: \"@\"\n  c:\n  - \"@\"\n- q" },
        { " a", "---\na:\n- b: \" a\"\n  c:\n  - \" a\"\n- q" },
        { "a ", "---\na:\n- b: \"a \"\n  c:\n  - \"a \"\n- q" },
        { "`", "---\na:\n- b: \"`\"\n  c:\n  - \"`\"\n- q" },
        { "a\\b", "---\na:\n- b: \"a\\\\b\"\n  c:\n  - \"a\\\\b\"\n- q" },
        { "2020-01-01", "---\na:\n- b: \"2020-01-01\"\n  c:\n  - \"2020-01-01\"\n- q" },
        { "2020-01-01T10:00:00Z", "---\na:\n- b: \"2020-01-01T10:00:00Z\"\n  c:\n  - \"2020-01-01T10:00:00Z\"\n- q" },
        { "2020-01-01 10:00:00", "---\na:\n- b: \"2020-01-01 10:00:00\"\n  c:\n  - \"2020-01-01 10:00:00\"\n- q" },
        { "10:20", "---\na:\n- b: \"10:20\"\n  c:\n  - \"10:20\"\n- q" },
        { "1:30", "---\na:\n- b: \"1:30\"\n  c:\n  - \"1:30\"\n- q" },
        { "10:20:30", "---\na:\n- b: 10:20:30\n  c:\n  - 10:20:30\n- q" },
        { "25:00", "---\na:\n- b: 25:00\n  c:\n  - 25:00\n- q" },
        { "a\nb", "---\na:\n- b: |-\n    a\n    b\n  c:\n  - |-\n    a\n    b\n- q" },
        { "a\nb\n", "---\na:\n- b: |\n    a\n    b\n  c:\n  - |\n    a\n    b\n- q" },
        { "a\nb\n\n", "---\na:\n- b: |+\n    a\n    b\n\n  c:\n  - |+\n    a\n    b\n\n- q" },
        { "\na\n", "---\na:\n- b: |\n    \n    a\n  c:\n  - |\n\n    a\n- q" },
        { "a\n\n\nb\n", "---\na:\n- b: |\n    a\n    \n    \n    b\n  c:\n  - |\n    a\n\n\n    b\n- q" },
        { "a\n\n\n", "---\na:\n- b: |+\n    a\n    \n\n  c:\n  - |+\n    a\n\n\n- q" },
        { "#!/bin/sh\necho\n", "---\na:\n- b: \"#!/bin/sh\\necho\\n\"\n  c:\n  - \"#!/bin/sh\\necho\\n\"\n- q" },
        { "x: y\nz\n", "---\na:\n- b: \"x: y\\nz\\n\"\n  c:\n  - \"x: y\\nz\\n\"\n- q" },
        { "a\tb", "---\na:\n- b: a\tb\n  c:\n  - a\tb\n- q" },
        { "\u00e9", "---\na:\n- b: \u00e9\n  c:\n  - \u00e9\n- q" },
        { "\u2028", "---\na:\n- b: \u2028\n  c:\n  - \u2028\n- q" },
        { "a\u0001", "---\na:\n- b: a\u0001\n  c:\n  - a\u0001\n- q" },
        { "-1", "---\na:\n- b: \"-1\"\n  c:\n  - \"-1\"\n- q" },
        { "+1", "---\na:\n- b: \"+1\"\n  c:\n  - \"+1\"\n- q" },
        { "+", "---\na:\n- b: +\n  c:\n  - +\n- q" },
        { "1.", "---\na:\n- b: \"1.\"\n  c:\n  - \"1.\"\n- q" },
        { "..", "---\na:\n- b: ..\n  c:\n  - ..\n- q" },
        { ".5", "---\na:\n- b: \".5\"\n  c:\n  - \".5\"\n- q" },
        { ".", "---\na:\n- b: .\n  c:\n  - .\n- q" },
        { "0o17", "---\na:\n- b: \"0o17\"\n  c:\n  - \"0o17\"\n- q" },
        { "0b1", "---\na:\n- b: \"0b1\"\n  c:\n  - \"0b1\"\n- q" },
        { "99999999999999999999", "---\na:\n- b: \"99999999999999999999\"\n  c:\n  - \"99999999999999999999\"\n- q" },
        { "a-", "---\na:\n- b: a-\n  c:\n  - a-\n- q" },
        { "-a", "---\na:\n- b: -a\n  c:\n  - -a\n- q" },
        { "a - b", "---\na:\n- b: \"a - b\"\n  c:\n  - \"a - b\"\n- q" },
        { "?", "---\na:\n- b: ?\n  c:\n  - ?\n- q" },
        { "? a", "---\na:\n- b: ? a\n  c:\n  - ? a\n- q" },
        { "a,b", "---\na:\n- b: a,b\n  c:\n  - a,b\n- q" },
        { "<x&y>", "---\na:\n- b: <x&y>\n  c:\n  - <x&y>\n- q" },
        { "a]", "---\na:\n- b: a]\n  c:\n  - a]\n- q" },
        { "1 2", "---\na:\n- b: 1 2\n  c:\n  - 1 2\n- q" },
        { "a\n  b\n", "---\na:\n- b: |\n    a\n      b\n  c:\n  - |\n    a\n      b\n- q" },
        { "0", "---\na:\n- b: \"0\"\n  c:\n  - \"0\"\n- q" },
        { "00", "---\na:\n- b: \"00\"\n  c:\n  - \"00\"\n- q" },
        { "0.0", "---\na:\n- b: \"0.0\"\n  c:\n  - \"0.0\"\n- q" },
        { "1.2.3", "---\na:\n- b: 1.2.3\n  c:\n  - 1.2.3\n- q" },
        { "_1", "---\na:\n- b: _1\n  c:\n  - _1\n- q" },
        { "1__0", "---\na:\n- b: \"1__0\"\n  c:\n  - \"1__0\"\n- q" },
        { "-0x1", "---\na:\n- b: \"-0x1\"\n  c:\n  - \"-0x1\"\n- q" },
        { "inf", "---\na:\n- b: inf\n  c:\n  - inf\n- q" },
        { "nan", "---\na:\n- b: nan\n  c:\n  - nan\n- q" },
        { "=", "---\na:\n- b: =\n  c:\n  - =\n- q" },
        { "<<", "---\na:\n- b: <<\n  c:\n  - <<\n- q" },
        { "a\"b", "---\na:\n- b: a\"b\n  c:\n  - a\"b\n- q" },
        { "NO", "---\na:\n- b: \"NO\"\n  c:\n  - \"NO\"\n- q" },
        { "N", "---\na:\n- b: \"N\"\n  c:\n  - \"N\"\n- q" },
        { "On", "---\na:\n- b: \"On\"\n  c:\n  - \"On\"\n- q" },
        { "2020-13-01", "---\na:\n- b: 2020-13-01\n  c:\n  - 2020-13-01\n- q" },
        { "12:60", "---\na:\n- b: 12:60\n  c:\n  - 12:60\n- q" },
        { "\n", "---\na:\n- b: |\n\n  c:\n  - |\n\n- q" },
        { "\n\n", "---\na:\n- b: |+\n    \n\n  c:\n  - |+\n\n\n- q" },
        { " \n", "---\na:\n- b: \" \\n\"\n  c:\n  - \" \\n\"\n- q" },
        { "a\n ", "---\na:\n- b: \"a\\n \"\n  c:\n  - \"a\\n \"\n- q" },
        { "{a}\nb", "---\na:\n- b: \"{a}\\nb\"\n  c:\n  - \"{a}\\nb\"\n- q" },
        { "127.0.0.1", "---\na:\n- b: 127.0.0.1\n  c:\n  - 127.0.0.1\n- q" },
        { "60022", "---\na:\n- b: \"60022\"\n  c:\n  - \"60022\"\n- q" },
        { "1GiB", "---\na:\n- b: 1GiB\n  c:\n  - 1GiB\n- q" },
        { "v1", "---\na:\n- b: v1\n  c:\n  - v1\n- q" },
        { "\u00e9\n\u00fc", "---\na:\n- b: |-\n    \u00e9\n    \u00fc\n  c:\n  - |-\n    \u00e9\n    \u00fc\n- q" },
    };

    [Theory]
    [MemberData(nameof(Scalars))]
    public void Yaml_quotes_and_indents_as_Limas_library(string text, string expected)
    {
        var list = new GoList([new GoMap(new Dictionary<string, GoValue> { ["b"] = GoValue.Of(text), ["c"] = new GoList([GoValue.Of(text)]) }), GoValue.Of("q")]);
        Assert.Equal(expected, GoData.Execute("{{yaml .}}", LimaFunctions.All, new GoMap(new Dictionary<string, GoValue> { ["a"] = list })));
    }

    [Fact]
    public void A_function_of_the_caller_stands_before_one_of_Go()
    {
        var functions = new Dictionary<string, GoFunction> { ["len"] = (IReadOnlyList<GoValue> arguments, out GoValue result, out string problem) =>
        {
            (result, problem) = (GoValue.Of(arguments.Count), arguments.Count > 2 ? "too many" : "");
            return problem.Length == 0;
        } };
        Assert.Equal("2", GoData.Execute("{{1 | len 5}}", functions));
        Assert.EndsWith("at <len 1 2 3>: error calling len: too many", GoData.Problem("{{len 1 2 3}}", functions));
    }
}
