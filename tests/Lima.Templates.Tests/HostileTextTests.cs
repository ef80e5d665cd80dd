using System.Diagnostics;
using System.Text;

namespace Lima.Templates.Tests;

/// <summary>Texts made to break a reader end soon, with a problem.</summary>
public sealed class HostileTextTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static TheoryData<string, string> Texts() => new()
    {
        { "alias bomb", "more than" },
        { "alias chain", "nested deeper" },
        { "deep flow lists", "nested deeper" },
        { "deep flow maps", "nested deeper" },
        { "deep block lists", "nested deeper" },
        { "a line of 4 MiB", "must be a map" },
        { "a quoted line of 4 MiB", "must be a map" },
        { "too large", "larger than 4 MiB" },
        { "NUL", "U+0000" },
        { "escape", "U+001B" },
        { "lone high surrogate", "surrogate" },
        { "lone low surrogate", "surrogate" },
        { "many keys", "more than" },
        { "many unknown keys", "must be set" },
        { "many duplicates", "already set" },
        { "many merges", "more than" },
        { "many params", "not used" },
        { "many anchors", "more than" },
        { "many long anchors", "larger than" },
        { "many questions", "nested deeper" },
        { "many tags", "not valid YAML" },
        { "many percent signs", "not valid YAML" },
        { "unclosed braces in scripts", "must be set" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void Ends_soon_with_a_problem(string name, string message)
    {
        var text = Text(name);
        var clock = Stopwatch.StartNew();
        var result = Given.Read(text);
        Assert.True(clock.Elapsed < Deadline, $"{name} took {clock.Elapsed}");
        Assert.Null(result.Spec);
        Assert.Contains(result.Errors, problem => problem.Message.Contains(message, StringComparison.Ordinal));
        Assert.InRange(result.Errors.Length, 1, ProblemList.CountMax + 1);
        Assert.InRange(result.Warnings.Length, 0, ProblemList.CountMax + 1);
        Assert.All(result.Errors, problem => Assert.True(problem.Message.Length < 600 && !problem.Message.Any(char.IsControl)));
        Console.WriteLine($"hostile: {name}: {clock.ElapsedMilliseconds} ms");
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_base_ends_soon_too(string name, string message)
    {
        Assert.NotEmpty(message);
        var clock = Stopwatch.StartNew();
        AssertEmbeds(Text(name));
        Assert.True(clock.Elapsed < Deadline, $"{name} took {clock.Elapsed}");
    }

    [Fact]
    public void Many_bases_of_many_aliases_are_refused()
    {
        var text = "a: &a [" + string.Join(", ", Enumerable.Repeat("x", 1000)) + "]\n" + string.Concat(Enumerable.Range(0, 200).Select(i => $"b{i}: *a\n"));
        var result = TemplateReader.Embed("base: [template:a, template:b]\n", "template:top", Given.Templates(("template:a", text), ("template:b", text)));
        Assert.Contains("more than 250000 values, aliases followed", Assert.Single(result.Errors).Message);
    }

    /// <summary>A text as a template over another one, and as the base of one: either comes out as text that can be read, or with errors.</summary>
    private static void AssertEmbeds(string text)
    {
        foreach (var (own, from) in new[] { ("base: template:b\nenv: {X: y}\nprovision: [{script: s}]\n", text), ("base: template:b\n" + text, "env: {X: y}\nprovision: [{script: s}]\n") })
        {
            var result = TemplateReader.Embed(own, "template:top", Given.Templates(("template:b", from)));
            if (result.Errors.IsEmpty) Assert.Empty(TemplateReader.Embed(result.Text, "template:again", Given.Templates()).Errors);
            else Assert.Equal(own, result.Text);
        }
    }

    private static string Text(string name) => name switch
    {
        "alias bomb" => Bomb(),
        "alias chain" => string.Concat(Enumerable.Range(0, 100).Select(i => i == 0 ? "a0: &a0 x\n" : $"a{i}: &a{i} [*a{i - 1}]\n")),
        "deep flow lists" => new string('[', 4_000_000),
        "deep flow maps" => "a: " + Repeat("{a: ", 1_000_000),
        "deep block lists" => Repeat("- ", 2_000_000),
        "a line of 4 MiB" => new string('x', 4 << 20),
        "a quoted line of 4 MiB" => "\"" + new string('x', (4 << 20) - 2) + "\"",
        "too large" => new string('é', 2 << 20) + "a",
        "NUL" => "cpus: 1\0\n",
        "escape" => "message: \u001b[2J\n",
        "lone high surrogate" => "message: \ud800\n",
        "lone low surrogate" => "message: x\udc00",
        "many keys" => string.Concat(Enumerable.Range(0, 300_000).Select(i => $"k{i}:\n")),
        "many unknown keys" => string.Concat(Enumerable.Range(0, 100_000).Select(i => $"k{i}:\n")),
        "many duplicates" => Repeat("k:\n", 100_000),
        "many merges" => "a: &a {" + string.Join(", ", Enumerable.Range(0, 1000).Select(i => $"k{i}: 1")) + "}\n" + string.Concat(Enumerable.Range(0, 1000).Select(i => $"m{i}: {{<<: *a}}\n")),
        "many params" => "param:\n" + string.Concat(Enumerable.Range(0, 50_000).Select(i => $"  k{i}: v\n")) + "message: \"" + Repeat("{{.Param.k}}", 100_000) + "\"\n",
        "many anchors" => string.Concat(Enumerable.Range(0, 140_000).Select(i => $"- &a{i} x\n- *a{i}\n")),
        "many long anchors" => Repeat("- &anchor-of-a-value x\n- *anchor-of-a-value\n", 140_000),
        "many questions" => Repeat("? ", 1_000_000) + "]",
        "many tags" => Repeat("!a ", 1_000_000),
        "many percent signs" => Repeat("%", 1_000_000),
        "unclosed braces in scripts" => "provision:\n- script: \"" + Repeat("{{ ", 1_000_000) + "\"\n",
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    private static string Bomb()
    {
        var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 12; i++) text.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        return text.ToString();
    }

    private static string Repeat(string text, int times) => new StringBuilder(text.Length * times).Insert(0, text, times).ToString();

    [Fact]
    public void No_mutation_of_a_template_makes_the_reader_throw()
    {
        var random = new Random(20_240_601);
        var seed = Given.Image + "cpus: 2\nprovision:\n- mode: system\n  script: |\n    #!/bin/sh\n    echo {{.Name}}\nssh: {localPort: 60022}\nenv: &e {A: \"b\\n\", C: 'd'}\nparam: *e\n";
        const string Alphabet = "{}[]:,&*#?|->'\"%@`!\\ \n\t~0aU<\u2028é\ufeff";
        for (var round = 0; round < 3000; round++)
        {
            var text = new StringBuilder(seed);
            for (var edits = random.Next(1, 6); edits > 0; edits--)
            {
                var at = random.Next(text.Length);
                if (random.Next(3) == 0) text.Remove(at, Math.Min(random.Next(1, 9), text.Length - at));
                else text.Insert(at, Alphabet[random.Next(Alphabet.Length)]);
            }

            var result = Given.Read(text.ToString());
            Assert.Equal(result.Spec is null, result.Errors.Length > 0);
            AssertEmbeds(text.ToString());
        }
    }
}
