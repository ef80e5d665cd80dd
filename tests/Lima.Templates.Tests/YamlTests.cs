using Lima.Templates.Yaml;

namespace Lima.Templates.Tests;

public sealed class YamlTests
{
    [Fact]
    public void Every_node_knows_its_line_and_column()
    {
        var root = Assert.IsType<YamlMap>(Parse("# comment\na: 1\nb:\n- x\n- y: |\n    text\n"));
        Assert.Equal(new Position("f", 2, 4), root["a"]!.At);
        var list = Assert.IsType<YamlList>(root["b"]);
        Assert.Equal(new Position("f", 4, 1), list.At);
        Assert.Equal(new Position("f", 4, 3), list.Items[0].At);
        Assert.Equal(new Position("f", 5, 6), ((YamlMap)list.Items[1])["y"]!.At);
    }

    [Theory]
    [InlineData("a: 1\nb: 2\na: 3\n", 3, 1, "key `a` is already set in line 1")]
    [InlineData("a: {x: 1, x: 2}\n", 1, 11, "key `x` is already set in line 1")]
    [InlineData("a: 1\n b: 2\n", 2, 3, "not valid YAML")]
    [InlineData("a: [1, 2\n", 2, 1, "not valid YAML")]
    [InlineData("a: *nowhere\n", 1, 4, "alias `*nowhere` has no anchor before it")]
    [InlineData("a: &a [1, *a]\n", 1, 11, "alias `*a` is inside its own anchor")]
    [InlineData("a: \"\\Uffffffff\"\n", 1, 1, "not valid YAML")]
    [InlineData("? [a, b]\n: 1\n", 1, 3, "a key must be a single word, not a list")]
    [InlineData("a: !!binary \"%%%\"\n", 1, 4, "base64")]
    [InlineData("<<: 3\n", 1, 5, "`<<` must name a map")]
    public void What_is_no_YAML_is_a_problem_at_its_place(string text, int line, int column, string message)
    {
        var problem = Given.Read(text).Errors[0];
        Assert.Contains(message, problem.Message);
        Assert.Equal(line, problem.Line);
        if (!problem.Message.StartsWith("not valid", StringComparison.Ordinal)) Assert.Equal(column, problem.Column);
    }

    [Fact]
    public void A_script_without_its_key_is_an_error_of_the_YAML()
    {
        var problem = Given.Read(Given.Image + "provision:\n- mode: system\n  |\n    #!/bin/sh\n").Errors[0];
        Assert.StartsWith("not valid YAML", problem.Message);
    }

    [Fact]
    public void Aliases_and_merge_keys_are_followed()
    {
        var spec = Given.Valid("""
            x-common: &common {arch: x86_64, digest: ""}
            images:
            - {<<: *common, location: /a}
            - {location: /b, <<: [*common, {arch: aarch64}]}
            """);
        Assert.Equal(["/a:x86_64", "/b:x86_64"], spec.Images.Select(image => $"{image.Location}:{image.Arch}"));
    }

    [Fact]
    public void JSON_is_YAML() => Assert.Equal(3, Given.Valid("""{"images": [{"location": "/"}], "cpus": 3}""").Cpus);

    [Fact]
    public void A_byte_order_mark_and_CR_LF_do_not_matter() => Assert.Equal(3, Given.Valid("\ufeffcpus: 3\r\nimages:\r\n- location: /\r\n").Cpus);

    [Fact]
    public void A_second_document_is_ignored_with_a_warning()
    {
        var result = Given.Read(Given.Image + "---\ncpus: 1\n");
        Assert.Contains("only the first YAML document", Assert.Single(result.Warnings).Message);
        Assert.Equal(2, result.Warnings[0].Line);
    }

    [Fact]
    public void Binary_text_is_decoded()
    {
        var spec = Given.Valid(Given.Image + "provision: [{script: !!binary IyEvYmluL3NoCg==}]\n");
        Assert.Equal("#!/bin/sh\n", spec.Provision[0].Script);
    }

    [Theory]
    [InlineData("a: null\nb: ~\nc:\nd: \"null\"\n")]
    [InlineData("a: [1, [2, [3, {x: y}]], {}, []]\n")]
    [InlineData("a: |\n  one\n\n    two\n  # three\nb: |-\n  x\n  y\nc: |+\n  x\n\n\nd: |2\n    lead\n  y\n")]
    [InlineData("a: \"tab\\there \\u0007 \\u2028 'q' \\\"x\\\" \\\\\"\nb: 'it''s'\nc: \"a\\r\\nb\"\n")]
    [InlineData("a: >\n  folded\n  text\n\n  more\nb: plain\n  over lines\n\n  and one\n")]
    [InlineData("\"k: 1\": 2\n\"\": 3\n\"x\\ny\": 4\n\"#no\": '#no'\n")]
    [InlineData("a: \" \\n \"\nb: \"\\n\"\nc: \"\\n\\nx\"\nd: \"\\tx\\ny\"\ne: \"x \\n  \\ny\"\n")]
    [InlineData("- a\n-\n  - b\n  - - c\n    - d: e\n      f: |\n        x\n        y\n")]
    public void What_is_written_reads_the_same(string text)
    {
        var root = new YamlMap(new Position("f", 1, 1), [new YamlEntry(new YamlScalar(default, "root", ScalarForm.Plain), Parse(text)), .. Tail()]);
        var written = YamlTreeWriter.Write(root);
        Assert.Equal(Flat(root), Flat(Parse(written)));
    }

    private static YamlEntry[] Tail() => [new(new YamlScalar(default, "tail", ScalarForm.Plain), new YamlScalar(default, "end", ScalarForm.Plain))];

    internal static YamlNode Parse(string text)
    {
        var problems = new ProblemList("f");
        var node = YamlTreeReader.Read(text, "f", problems);
        Assert.Empty(problems.Errors);
        return node!;
    }

    /// <summary>A tree as one text in which null and <c>"null"</c> differ.</summary>
    internal static string Flat(YamlNode node) => node switch
    {
        { IsNull: true } => "null",
        YamlScalar { IsPlain: true } scalar when !scalar.Value.Contains('\n') => scalar.Value,
        YamlScalar scalar => System.Text.Json.JsonSerializer.Serialize(scalar.Value),
        YamlList list => $"[{string.Join(", ", list.Items.Select(Flat))}]",
        YamlMap map => $"{{{string.Join(", ", map.Entries.Select(e => $"{System.Text.Json.JsonSerializer.Serialize(e.Key.Value)}: {Flat(e.Value)}"))}}}",
        _ => throw new InvalidOperationException(),
    };
}
