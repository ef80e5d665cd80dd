using Lima.Contracts;

namespace Lima.Cli;

/// <summary>A failure to be told to the user in one sentence, with the way out.</summary>
internal sealed class CliException(
    string message,
    string? hint = null,
    int exitCode = ExitCodes.Failure,
    IReadOnlyList<ProblemView>? problems = null) : Exception(message)
{
    /// <summary>What to do next; null when the message says it all.</summary>
    public string? Hint { get; } = hint;

    /// <summary>Exit status of the process.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>Every problem of the file that was refused.</summary>
    public IReadOnlyList<ProblemView> Problems { get; } = problems ?? [];

    /// <summary>Stable word of the API, empty when the failure is the client's own.</summary>
    public string Code { get; init; } = "";

    /// <summary>There is no instance of that name.</summary>
    public bool IsNotFound => Code is "instance-not-found" or "not-found";

    /// <summary>A mistake in the command line.</summary>
    public static CliException Usage(string message, string? hint = null) => new(message, hint, ExitCodes.Usage);
}
