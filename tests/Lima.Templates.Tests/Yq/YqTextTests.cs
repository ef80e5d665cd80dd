using Lima.Templates.Yq;
using Lima.Testing;
using Xunit.Abstractions;

namespace Lima.Templates.Tests.Yq;

/// <summary>Expressions as <c>--set</c> applies them.</summary>
public sealed class YqTextTests(ITestOutputHelper output)
{
    private const string Template = """

        # CPUs
        cpus: null

        # Memory size
        memory: null  # half


        mounts:
        - location: "~"
          # where it is seen
          mountPoint: null

        """;

    private static string Apply(string text, params string[] expressions)
    {
        Assert.True(YqText.Apply(expressions, text, "lima.yaml", YqSecurity.Restricted, out var result, out var problem), problem);
        return result;
    }

    private static string Problem(string text, params string[] expressions)
    {
        Assert.False(YqText.Apply(expressions, text, "lima.yaml", YqSecurity.Restricted, out var result, out var problem));
        Assert.Null(result);
        return problem;
    }

    [Theory]
    [InlineData("")]
    [InlineData("", "")]
    public void Without_an_expression_the_text_is_as_it_was(params string[] expressions)
    {
        Assert.Equal("a:   1 # x\n\n\n", Apply("a:   1 # x\n\n\n", expressions));
        Assert.Equal("no: [yaml", Apply("no: [yaml", expressions));
    }

    [Fact]
    public void Comments_and_blank_lines_stay_and_lists_are_not_indented()
    {
        var expected = Template.Replace("cpus: null", "cpus: 2").Replace("memory: null", "memory: 2GiB") + "- location: foo\n  mountPoint: bar\n";
        Assert.Equal(expected, Apply(Template, ".cpus = 2", ".memory = \"2GiB\"", ".mounts += {\"location\": \"foo\", \"mountPoint\": \"bar\"}"));
    }

    [Fact]
    public void Every_template_of_Lima_stays_as_it_is_but_for_what_is_set()
    {
        if (Need.DirectoryAbove(output, "shared/lima/templates") is not { } root) return;
        var count = 0;
        foreach (var path in Directory.EnumerateFiles(root, "*.yaml", SearchOption.AllDirectories))
        {
            var text = File.ReadAllText(path);
            if (!text.Contains('\n')) continue;
            count++;
            Assert.Equal(text, Apply(text, "."));
            Assert.Equal(text, Apply(text, ".nothingOfTheKind = 1", "del(.nothingOfTheKind)"));
        }

        Assert.True(count > 70);
    }

    [Theory]
    [InlineData("arch: aarch64", "invalid input text")]
    [InlineData("env(HOME)", "env operations have been disabled")]
    [InlineData("strenv(HOME)", "env operations have been disabled")]
    [InlineData("\"$HOME\" | envsubst", "env operations have been disabled")]
    [InlineData("load(\"/etc/passwd\")", "file operations have been disabled")]
    [InlineData("load_str(\"/etc/passwd\")", "file operations have been disabled")]
    [InlineData("load_props(\"/etc/passwd\")", "file operations have been disabled")]
    [InlineData("load_base64(\"/etc/passwd\")", "file operations have been disabled")]
    [InlineData("eval(\"load(\\\"/etc/passwd\\\")\")", "file operations have been disabled")]
    [InlineData("\"\\(env(HOME))\"", "env operations have been disabled")]
    [InlineData("system(\"id\")", "system operations are disabled")]
    public void What_cannot_be_done_is_said(string expression, string problem) => Assert.Contains(problem, Problem("a: 1\n", expression));

    [Fact]
    public void A_text_that_is_no_YAML_is_named_with_its_line() =>
        Assert.StartsWith("lima.yaml:2:", Problem("a: 1\n- b\n", ".a = 2"));

    [Fact]
    public void Documents_are_seen_together()
    {
        Assert.Equal("a: 1\nb:\n  c: 3\n  d: 4\n", Apply("a: 1\nb:\n  c: 2\n---\nb:\n  c: 3\n  d: 4\n", "select(di == 0) * select(di == 1)"));
        Assert.Equal("a: 1\n---\nb: 2\n", Apply("a: 1\n---\nb: 2\n", "."));
    }

    [Fact]
    public void An_empty_text_can_be_filled() => Assert.Equal("cpus: 2\n", Apply("", ".cpus = 2"));
}
