using System.Text;
using Lima.Templates.GoTemplates;

namespace Lima.Templates.Tests.GoTemplates;

/// <summary>What holds for every template, seen on generated ones; a seed stands in the message of a failure.</summary>
public sealed class GeneratedTests
{
    private const int Rounds = 2500;

    private static readonly string[] Pieces =
        ["{{", "}}", "{{-", "-}}", " ", ".", "$", "$x", ":=", "=", "|", "(", ")", "if ", "else", "end", "range ", "with ", "define ", "template ", "block ",
            "break", "continue", ".Name", ".L", ".M.a", ".S.In.X", ".missing", "1", "-2.5", "0x1F", "'c'", "\"s\\n\"", "`raw`", "nil", "true", "and ", "or ",
            "not ", "eq ", "lt ", "len ", "index ", "slice ", "printf \"%5.2v\" ", "print ", "html ", "js ", "urlquery ", "call ", "/*", "*/", ",", "\n", "é", "\ud83d", "x"];

    [Fact]
    public void Nothing_is_thrown_whatever_the_text()
    {
        var (read, executed) = (0, 0);
        for (var seed = 0; seed < Rounds; seed++)
        {
            var random = new Random(seed);
            var text = new StringBuilder(random.Next(3) == 0 ? "" : "{{");
            for (var count = random.Next(1, 15); count > 0; count--) text.Append(Pieces[random.Next(Pieces.Length)]);
            if (random.Next(3) > 0) text.Append("}}");
            if (!GoTemplate.TryParse(text.ToString(), "t", out var template, out var problem))
            {
                Assert.StartsWith("template: t", problem);
                continue;
            }

            read++;
            Assert.Equal("", problem);
            if (template.TryExecute(GoData.Root, out var result, out problem)) executed++;
            else Assert.True(result.Length == 0 && problem.StartsWith("template: t:", StringComparison.Ordinal), $"seed {seed}");
        }

        Assert.InRange(read, 100, Rounds);
        Assert.InRange(executed, 50, read);
    }

    [Fact]
    public void A_text_without_actions_is_left_alone()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var text = string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => " \n\t{}-a$.é\ud83d\ude00%<"[random.Next(14)]));
            while (text.Contains("{{", StringComparison.Ordinal)) text = text.Replace("{{", "{ {", StringComparison.Ordinal);
            Assert.Equal(text, GoData.Execute(text));
        }
    }

    [Fact]
    public void A_template_survives_being_written_and_read_again()
    {
        for (var seed = 0; seed < Rounds; seed++)
        {
            var text = new Writer(new Random(seed)).Body(3);
            Assert.True(GoTemplate.TryParse(text, "t", out var first, out var problem), $"seed {seed}: {text}: {problem}");
            var written = first.ToString();
            Assert.True(GoTemplate.TryParse(written, "t", out var second, out problem), $"seed {seed}: {written}: {problem}");
            Assert.Equal(written, second.ToString());
            Assert.Equal(first.TryExecute(GoData.Root, out var output, out _), second.TryExecute(GoData.Root, out var again, out _));
            Assert.Equal(output, again);
        }
    }

    /// <summary>Writes well-formed templates.</summary>
    private sealed class Writer(Random random)
    {
        private int _variables;

        public string Body(int depth) => string.Concat(Enumerable.Range(0, random.Next(1, 4)).Select(_ => Part(depth)));

        private string Part(int depth) => random.Next(depth > 0 ? 9 : 4) switch
        {
            0 => "text \n",
            1 => "{{/* comment */}}",
            2 => "{{- " + Pipe(2) + " -}}  ",
            3 => "{{" + Pipe(2) + "}}",
            4 => "{{if " + Pipe(2) + "}}" + Scoped(depth) + "{{else if " + Pipe(1) + "}}" + Scoped(depth) + "{{else}}" + Scoped(depth) + "{{end}}",
            5 => "{{with " + Pipe(2) + "}}" + Scoped(depth) + "{{end}}",
            6 => "{{range .L}}" + Scoped(depth) + "{{if eq . \"b\"}}{{break}}{{end}}{{end}}",
            7 => "{{range $i, $e := .Ints}}" + Scoped(depth) + "{{$i}}{{continue}}{{else}}none{{end}}",
            _ => $"{{{{$v{_variables} := {Pipe(1)}}}}}{{{{$v{_variables++}}}}}",
        };

        private string Scoped(int depth)
        {
            var outside = _variables;
            var body = Body(depth - 1);
            _variables = outside;
            return body;
        }

        private string Pipe(int depth) => Operand(depth) + (random.Next(3) == 0 ? " | printf `%v`" : "");

        private string Operand(int depth) => random.Next(depth > 0 ? 12 : 8) switch
        {
            0 => ".",
            1 => "$.Name",
            2 => ".S.In.X",
            3 => "\"a\\\"b\"",
            4 => "-12",
            5 => "'x'",
            6 => _variables > 0 ? $"$v{random.Next(_variables)}" : "true",
            7 => "$.L",
            8 => "(" + Pipe(depth - 1) + ")",
            9 => $"print {Operand(0)} {Operand(0)} nil",
            10 => $"and {Operand(0)} ({Pipe(depth - 1)})",
            _ => "(index $.L 1).x",
        };
    }
}
