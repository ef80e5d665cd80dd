using System.Text.RegularExpressions;
using Lima.Cli.Commands;
using Lima.Cli.Shell;

namespace Lima.Cli.Tests;

/// <summary>Command lines in the documents are ones that the program takes.</summary>
public sealed partial class DocsCommandLinesTests
{
    private static readonly string Root = FindRoot();

    public static TheoryData<string> Documents =>
    [
        "README.md", "CONTRIBUTING.md", "images/README.md",
        .. Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md").Select(f => Path.GetRelativePath(Root, f)).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_command_line_is_understood(string document) => Assert.All(Lines(document), line =>
    {
        var words = ShellQuote.Split(line).Skip(1).ToList();
        // A command alone is named, not called.
        if (words.Count == 1 && CommandTable.Has(words[0])) return;
        if (words[0] == "shell")
        {
            Assert.NotNull(ShellOptions.Parse(words[1..]).Instance);
            return;
        }

        var parsed = CommandTable.Build(words).Root.Parse(words);
        Assert.True(parsed.Errors.Count == 0, $"{line}: {string.Join("; ", parsed.Errors.Select(e => e.Message))}");
        // The parser takes an unknown flag for one more name where a command accepts any number of them.
        Assert.DoesNotContain(parsed.CommandResult.Tokens, token => token.Value.Length > 1 && token.Value[0] == '-');
    });

    [Fact]
    public void The_readme_shows_every_command()
    {
        var shown = Lines("README.md").Select(line => line.Split(' ')[1]).ToHashSet();
        Assert.Empty(CommandTable.Names.Except(shown));
    }

    [Fact]
    public void What_the_differences_call_missing_is_missing()
    {
        var text = File.ReadAllText(Path.Combine(Root, "docs", "differences-from-lima.md"));
        var missing = Missing().Match(text).Groups[1].Value.Split('`').Where((_, i) => i % 2 == 1).ToList();
        Assert.NotEmpty(missing);
        Assert.DoesNotContain(missing, CommandTable.Has);
    }

    /// <summary>What begins with <c>limactl</c> in blocks of shell and in backquotes, up to a comment or what the shell would take.</summary>
    private static IEnumerable<string> Lines(string document)
    {
        var text = File.ReadAllText(Path.Combine(Root, document));
        var blocks = ShellBlock().Matches(text).SelectMany(m => m.Groups[1].Value.Split('\n'));
        var inText = AnyBlock().Replace(text, "");
        var quoted = InBackquotes().Matches(inText).Select(m => m.Groups[1].Value);
        return blocks.Concat(quoted).SelectMany(line => CommandLine().Matches(line)).Select(m => m.Value.Trim())
            .Where(line => !Placeholder().IsMatch(line));
    }

    private static string FindRoot()
    {
        var at = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(at, "LimaActors.sln")))
            at = Path.GetDirectoryName(at) ?? throw new InvalidOperationException("LimaActors.sln is in no directory above the tests");
        return at;
    }

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex ShellBlock();

    [GeneratedRegex("```.*?```", RegexOptions.Singleline)]
    private static partial Regex AnyBlock();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex InBackquotes();

    [GeneratedRegex(@"(?<![\w/-])limactl [^#|;&)>]+")]
    private static partial Regex CommandLine();

    /// <summary>Lines that stand for many: <c>limactl COMMAND --help</c>.</summary>
    [GeneratedRegex("^limactl (COMMAND|VERB|…)")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"Commands that do not exist yet: ([^.]*)\.")]
    private static partial Regex Missing();
}
