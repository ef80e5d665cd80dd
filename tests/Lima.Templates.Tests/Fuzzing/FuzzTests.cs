using System.Diagnostics;
using Lima.Templates.GoTemplates;
using Lima.Templates.Locators;
using Lima.Templates.Yq;
using Xunit.Abstractions;

namespace Lima.Templates.Tests.Fuzzing;

/// <summary>
/// Texts that nobody would write are read without a crash, without a hang, and in bounded memory. In the suite each part
/// gets some seconds from a fixed seed; <c>LIMA_FUZZ_SECONDS=600 dotnet test --filter FuzzTests</c> goes on for longer, from
/// a new seed, which is printed.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int UsualSeed = 20260;
    private const long MemoryMax = 1L << 30;
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(3), HangLimit = TimeSpan.FromMinutes(1);

    private static readonly string[] Expressions =
    [
        ".a.b[0] = 1", ".. | select(tag == \"!!str\") |= upcase", "with_entries(select(.key != \"x\"))", ".a * .b | del(.c[1:3])", ". as $x | [$x[]] | sort_by(.a) | unique_by(.b)",
        "\"\\(.a) and \\(.b | length)\" | split(\" \") | join(\"-\")", ".l[] as $i ireduce (0; . + $i)", "to_entries | map(.value // \"none\") | @json | from_json", "explode(.) | .m line_comment = \"x\"",
        ".a |= (.b | test(\"^x.*y$\"))", "env(HOME), load(\"/etc/passwd\"), system(\"true\")", "eval(.e) | pick([\"a\"]) | group_by(.t) | flatten(2)",
    ];

    private static readonly string[] Templates =
    [
        "{{.Name}} {{- if eq .UID 0 -}} root {{- else if .Param.x}} {{printf \"%5.2f %q\" 1.5 \"x\"}} {{end}}", "{{range $i, $e := .L}}{{$i}}={{$e}}{{else}}none{{end}}", "{{with .M}}{{index . \"k\" | len}}{{end}}",
        "{{define \"t\"}}{{.}}{{template \"t\" .}}{{end}}{{template \"t\" 1}}", "{{json .}}{{yaml .M | indent 4}}{{missing \"\"}}", "{{$x := 0}}{{range 9}}{{$x = .}}{{break}}{{end}}{{$x | print | html | urlquery}}", "{{slice \"abc\" 1 2}}{{and 1 0 (not 2)}}{{/* c */}}",
    ];

    private static readonly string[] Locators =
    [
        "template:default", "template://a/b", "https://example.com/x/lima.yaml?q#f", "github:org/repo/dir/file@ref", "github:org//", "file:///a/b.yaml", "~/x.yaml", "./debian-12-genericcloud-amd64.qcow2.xz", "-", "scheme:opaque", "ubuntu-24.04-server-cloudimg-arm64.img",
    ];

    [Fact]
    public void Lima_yaml_is_read_or_refused() => Run("lima.yaml", Yaml(), text =>
    {
        var result = Given.Read(text);
        Assert.Equal(result.Spec is null, result.Errors.Length > 0);
        _ = TemplateReader.MakeAbsolute(text, "/t/x.yaml", "/home/user");
    });

    [Fact]
    public void Templates_are_expanded_or_refused()
    {
        var data = new GoMap([KeyValuePair.Create("Name", GoValue.Of("x")), KeyValuePair.Create("UID", GoValue.Of(1)), KeyValuePair.Create("L", (GoValue)new GoList([GoValue.Of(1), GoValue.Of("b")])), KeyValuePair.Create("M", (GoValue)GoValue.Of([KeyValuePair.Create("k", "v")]))]);
        Run("Go templates", Templates, text =>
        {
            if (GoTemplate.TryParse(text, "t", out var template, out var problem, LimaFunctions.All)) template.TryExecute(data, out _, out problem);
            Assert.NotNull(problem);
        });
    }

    [Fact]
    public void Expressions_are_evaluated_or_refused() => Run("expressions", Expressions, text =>
    {
        var done = YqText.Apply([text], "a: &x {b: [1, two], c: d}\nl: [1, 2]\nm: *x # note\ne: .a\n", "t", YqSecurity.Restricted, out var result, out var problem);
        Assert.Equal(done, result is not null);
        Assert.Equal(!done, problem is not null);
    });

    [Fact]
    public void Documents_survive_expressions_or_are_refused() => Run("documents", Yaml(), text =>
    {
        if (YqText.Apply([".. | select(tag == \"!!int\") |= . + 1"], text, "t", YqSecurity.Restricted, out var result, out _)) Assert.NotNull(result);
    });

    [Fact]
    public void Locators_are_understood_or_refused() => Run("locators", Locators, text =>
    {
        Assert.Equal(text, Locator.Parse(text).Text);
        _ = InstanceNames.From(text, "x86_64", out _);
        if (ImageLocator.IsImage(text)) Assert.NotEmpty(ImageLocator.Template(text, "x86_64").Yaml);
    });

    private void Run(string what, IReadOnlyList<string> corpus, Action<string> read)
    {
        var longer = int.TryParse(Environment.GetEnvironmentVariable("LIMA_FUZZ_SECONDS"), out var seconds);
        var seed = longer ? Environment.TickCount : UsualSeed;
        output.WriteLine($"{what}: seed {seed}");
        var mutator = new Mutator(seed, corpus);
        var (clock, limit, count) = (Stopwatch.StartNew(), longer ? TimeSpan.FromSeconds(seconds) : Usual, 0);
        for (; clock.Elapsed < limit; count++)
        {
            var text = mutator.Next();
            var reading = Task.Run(() => read(text));
            try
            {
                Assert.True(reading.Wait(HangLimit), $"seed {seed}, text {count} hangs: {Start(text)}");
            }
            catch (AggregateException e)
            {
                Assert.Fail($"seed {seed}, text {count}: {e.InnerException}\n{Start(text)}");
            }

            if (count % 256 == 0) Assert.True(GC.GetTotalMemory(forceFullCollection: false) < MemoryMax, $"seed {seed}: memory grows without bound at text {count}");
        }

        output.WriteLine($"{what}: {count} texts");
        Assert.True(count > 0);
    }

    private IReadOnlyList<string> Yaml() => OurTemplates.Find(output) is { } ours
        ? [.. OurTemplates.Public.Take(20).Select(ours.Read)]
        : ["images: [{location: /x}]\ncpus: 1\n"];

    private static string Start(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text.Length > 4000 ? text[..4000] : text));
}
