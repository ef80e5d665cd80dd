using System.CommandLine;
using Lima.Cli.Commands;
using Lima.Cli.Tests.Support;

namespace Lima.Cli.Tests;

public sealed class HelpTests : IDisposable
{
    private const int Width = 80;
    private readonly CliRun _cli = new();

    public void Dispose() => _cli.Dispose();

    public static TheoryData<string> Commands() => [.. Paths(CommandTable.Build([]).Root, "")];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Help_fits_a_terminal_and_shows_examples_of_what_can_be_run(string path)
    {
        var result = await _cli.LimactlAsync([.. path.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        Assert.Equal(0, result.Exit);
        Assert.Empty(result.Error);
        // A command to be copied stays in one piece.
        var text = result.Out.Split("\nExamples:\n")[0];
        Assert.All(text.Split('\n'), line => Assert.True(line.Length <= Width, $"{line.Length} columns: {line}"));
        Assert.DoesNotContain(" \n", result.Out);
        if (path.Length > 0 && !result.Out.Contains("\nCommands:\n")) Assert.Contains("\nExamples:\n", result.Out);
    }

    [Fact]
    public async Task Help_takes_a_command_or_a_topic()
    {
        Assert.Equal((await _cli.LimactlAsync("image", "pull", "--help")).Out, (await _cli.LimactlAsync("help", "image", "pull")).Out);
        Assert.Equal((await _cli.LimactlAsync("--help")).Out, (await _cli.LimactlAsync("help")).Out);
        Assert.Contains("env(NAME)", (await _cli.LimactlAsync("help", "yq-restrictions")).Out);
        Assert.Contains("yq-restrictions", (await _cli.LimactlAsync("help")).Out);
        Assert.Equal(ExitCodes.Usage, (await _cli.LimactlAsync("help", "nonsense")).Exit);
    }

    private static IEnumerable<string> Paths(Command command, string path)
    {
        yield return path;
        foreach (var sub in command.Subcommands)
        {
            foreach (var inner in Paths(sub, $"{path} {sub.Name}".Trim())) yield return inner;
        }
    }
}
