namespace Lima.Domain.Specs;

/// <summary>A script of the user's that says whether the guest is ready.</summary>
/// <param name="Description">What it waits for, for progress and errors.</param>
/// <param name="Script">Text of the script, already expanded; begins with <c>#!</c>.</param>
/// <param name="Hint">What to tell the user when it keeps failing; may be empty.</param>
public sealed record ProbeSpec(string Description, string Script, string Hint = "")
{
    /// <summary>Lima's mode; <c>readiness</c> is the only one.</summary>
    public string Mode { get; init; } = "readiness";
}
