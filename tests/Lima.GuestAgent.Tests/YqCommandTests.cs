using Lima.GuestAgent.Yq;
using Lima.Testing;

namespace Lima.GuestAgent.Tests;

/// <summary>What a file becomes by <c>lima-guestagent yq</c>.</summary>
public sealed class YqCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();

    public void Dispose()
    {
        _directory.Dispose();
        _output.Dispose();
        _errors.Dispose();
    }

    [Theory]
    [InlineData("auto", "a.yaml", "a: 1 # one\n", ".b = 2", "a: 1 # one\nb: 2\n")]
    [InlineData("auto", "a.json", "{\"a\": 1}\n", ".a = \"x\"", "{\n  \"a\": \"x\"\n}\n")]
    [InlineData("json", "daemon", "{}", ".features.buildkit = true", "{\n  \"features\": {\n    \"buildkit\": true\n  }\n}\n")]
    [InlineData("auto", "a.properties", "a = 1\n", ".b = \"two\"", "a = 1\nb = two\n")]
    [InlineData("auto", "noending", "a: 1\n", ".a = 3", "a: 3\n")]
    [InlineData("auto", "new.yaml", null, ".a.b = [1, 2]", "a:\n  b:\n    - 1\n    - 2\n")]
    [InlineData("auto", "new.json", null, ".a = true", "{\n  \"a\": true\n}\n")]
    public void The_expression_is_applied(string format, string name, string? text, string expression, string expected)
    {
        if (text is not null) File.WriteAllText(_directory[name], text);
        Assert.Equal(0, Run(format, expression, name));
        Assert.Equal(expected, _output.ToString());
        Assert.Equal(text is not null, File.Exists(_directory[name]));
    }

    [Fact]
    public void A_second_time_changes_nothing()
    {
        File.WriteAllText(_directory["a.yaml"], "# top\na: {b: 1}\n");
        Assert.Equal(0, Run("auto", ".a.c = \"x y\"", "a.yaml"));
        var once = _output.ToString();
        File.WriteAllText(_directory["a.yaml"], once);
        _output.GetStringBuilder().Clear();
        Assert.Equal(0, Run("auto", ".a.c = \"x y\"", "a.yaml"));
        Assert.Equal(once, _output.ToString());
    }

    [Theory]
    [InlineData("auto", "a.toml", "a = \n", ".a = 2", "not valid TOML: line 1")]
    [InlineData("hcl", "a", "a", ".a = 2", "the format `hcl` of yq is not supported")]
    [InlineData("auto", "a.yaml", "a: [", ".a = 2", "bad file")]
    [InlineData("auto", "a.yaml", "a: 1\n", ".a = = 2", "")]
    public void What_cannot_be_done_is_said_and_nothing_is_printed(string format, string name, string text, string expression, string words)
    {
        File.WriteAllText(_directory[name], text);
        Assert.Equal(1, Run(format, expression, name));
        Assert.Empty(_output.ToString());
        Assert.StartsWith("Error: ", _errors.ToString(), StringComparison.Ordinal);
        Assert.Contains(words, _errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_says_nothing_is_warned_of()
    {
        Assert.Equal(0, Run("auto", ".a = 1", "conf"));
        Assert.Contains("taken for YAML", _errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_command_line_says_how_it_is_used()
    {
        Assert.Equal(2, YqCommand.Run(["auto"], _output, _errors));
        Assert.StartsWith("usage: ", _errors.ToString(), StringComparison.Ordinal);
    }

    private int Run(string format, string expression, string name)
    {
        File.WriteAllText(_directory["expression"], expression);
        return YqCommand.Run([format, _directory["expression"], _directory[name]], _output, _errors);
    }
}
