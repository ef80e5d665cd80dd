using Lima.Cli.Tests.Support;

namespace Lima.Cli.Tests;

/// <summary>The program yq, as a name and as a word.</summary>
public sealed class YqTests : IDisposable
{
    private readonly CliRun _cli = new();

    public void Dispose() => _cli.Dispose();

    private string Write(string name, string text)
    {
        var path = Path.Combine(_cli.Path, name);
        File.WriteAllText(path, text);
        return path;
    }

    private async Task<string> OkAsync(params string[] arguments)
    {
        var result = await _cli.LimactlAsync(["yq", .. arguments]);
        Assert.Equal("", result.Error);
        Assert.Equal(0, result.Exit);
        return result.Out;
    }

    private async Task<string> FailAsync(params string[] arguments)
    {
        var result = await _cli.LimactlAsync(["yq", .. arguments]);
        Assert.Equal(1, result.Exit);
        Assert.StartsWith("Error: ", result.Error);
        return result.Error;
    }

    [Theory]
    [InlineData("yq")]
    [InlineData("yq.lima")]
    [InlineData("/usr/bin/yq.lima.exe")]
    public async Task Its_name_up_to_the_first_dot_is_enough(string program)
    {
        Assert.Equal("{\"foo\":42}\n", (await _cli.RunAsync(program, "-n", "-o", "json", "-I", "0", ".foo=42")).Out);
        Assert.Equal("foo: 42\n", (await _cli.RunAsync(program, "eval", "-n", ".foo=42")).Out);
    }

    [Fact]
    public async Task It_says_which_language_it_speaks() => Assert.Matches("^yq .*mikefarah.* version v4", await OkAsync("--version"));

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("help")]
    public async Task Help_names_the_flags(string word)
    {
        var text = await OkAsync(word);
        Assert.Contains("--inplace", text);
        Assert.Contains("--security-disable-env-ops", text);
    }

    [Fact]
    public async Task Standard_input_and_files_are_read()
    {
        _cli.Input = "a: 1\nb: [x]\n";
        Assert.Equal("1\n", await OkAsync(".a"));
        Assert.Equal("x\n", await OkAsync(".b[0]", "-"));
        Assert.Equal("a: 1\nb: [x]\n", await OkAsync());
        Write("f.yaml", "c: 2 # two\n");
        Assert.Equal("2\n", await OkAsync(".c", "f.yaml"));
        Assert.Equal("c: 2 # two\n", await OkAsync("f.yaml"));
        Assert.Equal("2\n---\nnull\n", await OkAsync(".c", "f.yaml", "-"));
        Assert.Equal("c: 2 # two\na: 1\nb: [x]\n", await OkAsync("ea", ". as $i ireduce ({}; . * $i)", "f.yaml", "-"));
    }

    [Fact]
    public async Task A_file_is_changed_in_place_with_its_comments_and_permissions()
    {
        var path = Write("lima.yaml", "# c\ncpus: 2 # few\n\nmemory: 1GiB\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.CreateSymbolicLink(Path.Combine(_cli.Path, "link.yaml"), "lima.yaml");
        Assert.Equal("", await OkAsync("-i", ".cpus = 4", "link.yaml"));
        Assert.Equal("# c\ncpus: 4 # few\n\nmemory: 1GiB\n", await File.ReadAllTextAsync(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.NotNull(File.ResolveLinkTarget(Path.Combine(_cli.Path, "link.yaml"), false));
        Assert.Equal(2, Directory.GetFiles(_cli.Path, "*.yaml*").Length);
        await FailAsync("-i", ".cpus = ", "link.yaml");
        Assert.Contains("cpus: 4", await File.ReadAllTextAsync(path));
        Assert.Contains("write in place", await FailAsync("-i", ".a = 1"));
    }

    [Theory]
    [InlineData("-oj", "{\n  \"a\": [\n    1,\n    \"x\"\n  ]\n}\n")]
    [InlineData("-o=json -I=0", "{\"a\":[1,\"x\"]}\n")]
    [InlineData("--output-format json --indent 1", "{\n \"a\": [\n  1,\n  \"x\"\n ]\n}\n")]
    [InlineData("-o props", "a.0 = 1\na.1 = x\n")]
    [InlineData("-P", "a:\n  - 1\n  - x\n")]
    [InlineData("-P -c", "a:\n- 1\n- x\n")]
    [InlineData("-PI4", "a:\n    - 1\n    - x\n")]
    [InlineData("-r=false", "a: [1, x]\n")]
    public async Task The_output_has_the_format_asked_for(string flags, string expected)
    {
        _cli.Input = "a: [1, x]\n";
        Assert.Equal(expected, await OkAsync([.. flags.Split(' '), "."]));
    }

    [Theory]
    [InlineData("-p json", "{\"a\": {\"b\": \"c d\"}}", ".a", "b: c d\n")]
    [InlineData("-p=json", "1 \"x\" [2]", ".", "1\n---\nx\n---\n- 2\n")]
    [InlineData("-p props", "# note\na.b = c\na.l.0 = 1\n", ".a.l", "- 1\n")]
    [InlineData("-p csv", "n,v\nx,1\n\"y, z\",\n", ".[1].n", "y, z\n")]
    [InlineData("-p tsv -o json -I 0", "n\tv\nx\ttrue\n", ".", "[{\"n\":\"x\",\"v\":true}]\n")]
    [InlineData("-o csv", "[[1, 'a,b'], [2, c]]", ".", "1,\"a,b\"\n2,c\n")]
    [InlineData("-o tsv", "[{a: 1, b: 2}]", ".", "a\tb\n1\t2\n")]
    [InlineData("-o json -r", "a: text", ".a", "text\n")]
    [InlineData("-o json", "a: text", ".a", "\"text\"\n")]
    [InlineData("-r=false", "a: \"text\"", ".a", "\"text\"\n")]
    [InlineData("-N", "a: 1\n---\na: 2\n", ".a", "1\n2\n")]
    [InlineData("-0", "[a, b]", ".[]", "a\0b\0")]
    [InlineData("--expression .a", "a: 3", "-", "3\n")]
    public async Task Formats_and_flags(string flags, string input, string word, string expected)
    {
        _cli.Input = input;
        Assert.Equal(expected, await OkAsync([.. flags.Split(' '), word]));
    }

    [Fact]
    public async Task The_name_of_a_file_says_its_format()
    {
        Write("f.json", "{\"a\": 1}");
        Assert.Equal("{\n  \"a\": 2\n}\n", await OkAsync(".a = 2", "f.json"));
        Assert.Equal("a: 2\n", await OkAsync("-oy", ".a = 2", "f.json"));
        Write("f.properties", "a = 1\n");
        Assert.Equal("a = 2\n", await OkAsync(".a = 2", "f.properties"));
    }

    [Fact]
    public async Task An_expression_can_be_in_a_file()
    {
        Write("e.txt", ".a\n| . + 1 # more\n");
        _cli.Input = "a: 1\n";
        Assert.Equal("2\n", await OkAsync("--from-file", "e.txt"));
    }

    [Fact]
    public async Task The_environment_and_files_can_be_denied()
    {
        _cli.Environment["FOO"] = "bar";
        Assert.Equal("bar\n", await OkAsync("-n", "env(FOO)"));
        Assert.Equal("Error: env operations have been disabled\n", await FailAsync("-n", "--security-disable-env-ops", "env(FOO)"));
        Write("f.yaml", "a: 1\n");
        Assert.Equal("1\n", await OkAsync("-n", "load(\"f.yaml\").a"));
        Assert.Equal("Error: file operations have been disabled\n", await FailAsync("-n", "--security-disable-file-ops", "load(\"f.yaml\")"));
        Assert.Contains("system operations are disabled", await FailAsync("-n", "system(\"echo hello\")"));
    }

    [Theory]
    [InlineData("invalid input", "-n", "foo")]
    [InlineData("no such file or directory", ".", "absent.yaml")]
    [InlineData("no such file or directory", "-n", "load(\"absent.yaml\")")]
    [InlineData("unknown flag: --nope", "--nope", ".")]
    [InlineData("unknown shorthand flag: 'Q' in -Q", "-Q", ".")]
    [InlineData("flag needs an argument: -o", "-n", "1", "-o")]
    [InlineData("cannot pass files in when using null-input flag", "-n", "1", "-")]
    [InlineData("format `hcl` of yq is not supported", "-o", "hcl", "-n", "1")]
    [InlineData("unknown format 'nope'", "-o", "nope", "-n", "1")]
    [InlineData("a number is needed", "-I", "x", "-n", "1")]
    [InlineData("--split-exp of yq is not supported", "-n", "--split-exp", ".a", "1")]
    [InlineData("no matches found", "-e", "-n", ".a")]
    [InlineData("no matches found", "-e", "-n", "false")]
    public async Task What_is_wrong_is_said(string message, params string[] arguments) => Assert.Contains(message, await FailAsync(arguments));

    [Fact]
    public async Task A_text_that_is_none_is_named_with_its_line()
    {
        Write("bad.yaml", "a: 1\n- b\n");
        Assert.Contains("bad file 'bad.yaml': yaml: line 2", await FailAsync(".", "bad.yaml"));
        Write("bad.json", "{\"a\": }");
        Assert.Contains("bad file 'bad.json': not valid JSON: line 1", await FailAsync(".", "bad.json"));
        Write("large.yaml", new string('x', (4 << 20) + 2));
        Assert.Contains("larger than 4 MiB", await FailAsync(".", "large.yaml"));
    }
}
