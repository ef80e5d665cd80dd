using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Lima.Architecture.Tests;

/// <summary>Rules of <c>CONTRIBUTING.md</c> that a text search can watch over.</summary>
public sealed class SourceRulesTests
{
    private const int LinesMax = 400;

    /// <summary>What must not be in the code of the product, and why.</summary>
    private static readonly ImmutableArray<(string Pattern, string Why)> Forbidden =
    [
        (@"\.Result\b(?!\s*[=(])", "blocks a thread until a task ends; await it"),
        (@"\.Wait\(", "blocks a thread until a task ends; await it"),
        (@"GetAwaiter\(\)\s*\.GetResult", "blocks a thread until a task ends; await it"),
        (@"\bThread\.Sleep\b", "blocks a thread; use a timer"),
        (@"\bDateTime(Offset)?\.(Utc)?Now\b", "cannot be tested; use a TimeProvider"),
        (@"\bDateTime\.Today\b", "cannot be tested; use a TimeProvider"),
        (@"\bNotImplementedException\b", "is a stub"),
        (@"\basync void\b", "loses its errors"),
    ];

    /// <summary>Where something forbidden is right after all: file, text of the line, reason. Empty is best.</summary>
    private static readonly ImmutableArray<(string File, string Text, string Reason)> Exceptions =
    [
        ("src/Lima.Actors/Readiness/ReadinessActor.Asking.cs", "SshProtocol.Result", "the name of a message"),
        ("src/Lima.Host/Specs/InstanceSpecs.cs", "entry.Result", "a field of a record"),
    ];

    [Fact]
    public void Nothing_forbidden_is_in_the_code()
    {
        var found = from file in Repository.Sources
                    from line in CSharpText.Code(Repository.Read(file))
                    from rule in Forbidden
                    where Regex.IsMatch(line, rule.Pattern) && !IsExcepted(file, line)
                    select $"{file}: `{line.Trim()}` {rule.Why}";
        Assert.Empty(found);
    }

    [Fact]
    public void Every_exception_is_still_needed_and_has_a_reason() => Assert.All(Exceptions, e =>
    {
        Assert.NotEmpty(e.Reason);
        Assert.Contains(e.Text, Repository.Read(e.File), StringComparison.Ordinal);
    });

    [Fact]
    public void Nothing_is_left_for_later()
    {
        // Put together, so that this file does not find itself.
        var marks = new Regex($@"\b({"TO" + "DO"}|{"FIX" + "ME"}|{"XX" + "X"}|{"HA" + "CK"})\b");
        var marked = TextFiles().Where(f => marks.IsMatch(Repository.Read(f)));
        Assert.Empty(marked);
    }

    [Fact]
    public void Source_files_fit_into_a_head()
    {
        var long_ = Repository.Files.Where(f => f.EndsWith(".cs", StringComparison.Ordinal))
            .Select(f => (File: f, Lines: Repository.Read(f).Split('\n').Length - 1)).Where(f => f.Lines > LinesMax);
        Assert.Empty(long_);
    }

    [Fact]
    public void No_path_of_somebodys_machine_is_in_any_file()
    {
        var machine = new Regex("(?<![A-Za-z0-9_.}-])/" + "work/(main|shared|h|[.])|/home/(?!user\\b|lima\\b|\\$|\\{|<|NAME)[a-z][a-z0-9]*/(src|work|repos|projects)/");
        var found = from file in TextFiles()
                    from line in Repository.Read(file).Split('\n')
                    where machine.IsMatch(line)
                    select $"{file}: {line.Trim()}";
        Assert.Empty(found);
    }

    [Fact]
    public void Namespaces_follow_folders()
    {
        var wrong = from file in Repository.Sources
                    let declared = Regex.Match(Repository.Read(file), @"^namespace ([\w.]+);", RegexOptions.Multiline)
                    where declared.Success
                    let expected = Path.GetDirectoryName(file)!["src/".Length..].Replace('/', '.')
                    where declared.Groups[1].Value != expected
                    select $"{file}: {declared.Groups[1].Value}, not {expected}";
        Assert.Empty(wrong);
    }

    private static bool IsExcepted(string file, string line) => Exceptions.Any(e => e.File == file && line.Contains(e.Text, StringComparison.Ordinal));

    private static IEnumerable<string> TextFiles()
    {
        string[] kinds = [".cs", ".csproj", ".props", ".targets", ".md", ".sh", ".conf", ".yaml", ".yml", ".json", ".sln", ".service", ".editorconfig"];
        // Lock files are written by the tool; test data is kept as it was found.
        return Repository.Files.Where(f => kinds.Contains(Path.GetExtension(f)) && !f.EndsWith("packages.lock.json", StringComparison.Ordinal)
            && !f.Contains("/Data/", StringComparison.Ordinal) && !f.Contains("/TestData/", StringComparison.Ordinal));
    }
}
