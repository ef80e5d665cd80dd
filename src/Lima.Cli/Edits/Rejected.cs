using Lima.Contracts;

namespace Lima.Cli.Edits;

/// <summary>Keeps a text that was refused, so that nobody has to type it again.</summary>
internal static class Rejected
{
    private const string FileName = "lima.REJECTED.yaml";

    /// <summary>Writes the text into the current directory, and makes the error that says so.</summary>
    /// <param name="yaml">The refused text.</param>
    /// <param name="why">What is wrong with it, in a sentence.</param>
    /// <param name="problems">Each problem with its line.</param>
    /// <param name="world">Knows the current directory.</param>
    public static CliException Save(string yaml, string why, IReadOnlyList<ProblemView> problems, CliWorld world)
    {
        var path = Path.Combine(world.WorkingDirectory, FileName);
        // Lines are those of the refused text, so that is the file to name.
        var shown = problems.Select(problem => problem with { File = path }).ToList();
        try
        {
            File.WriteAllText(path, yaml);
            return new CliException($"the YAML is invalid, saved the buffer as `{FileName}`: {why}", "correct it there, then use it", problems: shown);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new CliException($"the YAML is invalid, attempted to save the buffer as `{FileName}` but failed ({e.Message}): {why}", problems: problems);
        }
    }
}
