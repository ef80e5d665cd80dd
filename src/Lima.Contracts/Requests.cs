namespace Lima.Contracts;

/// <summary>Body of <c>POST /v1/instances</c>.</summary>
public sealed record CreateRequest
{
    /// <summary>Chosen by the client; sending the same id again has no further effect.</summary>
    public required string CommandId { get; init; }
    /// <summary>Name of the new instance.</summary>
    public required string Name { get; init; }
    /// <summary>Text of its <c>lima.yaml</c>.</summary>
    public required string Yaml { get; init; }
    /// <summary>Where the text came from, for messages (<c>template:tiny</c>, a path, <c>-</c>).</summary>
    public required string Source { get; init; }
}

/// <summary>Body of <c>POST /v1/instances/NAME/{start,stop,restart,pause,resume,delete}</c>.</summary>
public sealed record CommandRequest
{
    /// <summary>Chosen by the client; sending the same id again has no further effect.</summary>
    public required string CommandId { get; init; }
    /// <summary>Do not be gentle: end QEMU at once (stop, restart), or delete although it runs.</summary>
    public bool Force { get; init; }
    /// <summary>How long a start may take; null for the host's default.</summary>
    public double? TimeoutSeconds { get; init; }
}

/// <summary>Answer to a command: it is stored and will be carried out even if the host dies now.</summary>
/// <param name="Instance">The instance after the command was stored.</param>
/// <param name="Changed">False when it was already so.</param>
/// <param name="After">Pass this to <c>follow</c> to see what becomes of it; counted in events of this instance.</param>
public sealed record Accepted(InstanceView Instance, bool Changed, long After);

/// <summary>
/// Body of <c>POST /v1/images/pull</c> (a recipe is built, anything else downloaded) and of <c>POST /v1/images/remove</c>,
/// which looks at the location only.
/// </summary>
/// <param name="Location">URL, path or <c>recipe:NAME</c>.</param>
/// <param name="Digest">Digest that it must have; null for any.</param>
/// <param name="Arch">Architecture; null for the host's.</param>
public sealed record PullRequest(string Location, string? Digest = null, string? Arch = null);

/// <summary>Every answer with a status of 400 or more.</summary>
/// <param name="Error">What went wrong.</param>
public sealed record ErrorReply(ErrorView Error);

/// <summary>What went wrong, for people and programs.</summary>
/// <param name="Code">Stable word (<c>instance-not-found</c>, <c>refused</c>, <c>invalid</c>, …).</param>
/// <param name="Message">One sentence.</param>
/// <param name="Hint">What to do next.</param>
/// <param name="Problems">Every problem found, when the input was a file.</param>
public sealed record ErrorView(string Code, string Message, string? Hint = null, IReadOnlyList<ProblemView>? Problems = null);

/// <summary>One problem in a file.</summary>
public sealed record ProblemView(string File, int Line, int Column, string Field, string Message);
