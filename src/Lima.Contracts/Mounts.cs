namespace Lima.Contracts;

/// <summary>A directory of the host in a guest.</summary>
public sealed record MountView
{
    /// <summary>Absolute path on the host.</summary>
    public required string Location { get; init; }
    /// <summary>Absolute path in the guest.</summary>
    public required string MountPoint { get; init; }
    /// <summary>Whether the guest may write.</summary>
    public bool Writable { get; init; }
    /// <summary>The way it takes: <c>reverse-sshfs</c>, <c>9p</c> or <c>virtiofs</c>; null while that is not known.</summary>
    public string? Type { get; init; }
    /// <summary><c>mounted</c>; <c>broken</c>: it is tried again; <c>waiting</c>: not looked at yet.</summary>
    public required string State { get; init; }
    /// <summary>Why it is broken, or takes another way than one might expect; null when there is nothing to say.</summary>
    public string? Note { get; init; }
    /// <summary>It was added to the running instance.</summary>
    public bool Added { get; init; }
}

/// <summary>Body of <c>POST /v1/instances/NAME/mounts/add</c>.</summary>
public sealed record AddMountRequest
{
    /// <summary>Chosen by the client; sending the same id again has no further effect.</summary>
    public required string CommandId { get; init; }
    /// <summary>Absolute path on the host; it is made where it is missing.</summary>
    public required string Location { get; init; }
    /// <summary>Absolute path in the guest; null for the same as on the host.</summary>
    public string? MountPoint { get; init; }
    /// <summary>Whether the guest may write.</summary>
    public bool Writable { get; init; }
    /// <summary>Also write it into <c>lima.yaml</c>, for the next start.</summary>
    public bool Save { get; init; }
}

/// <summary>Body of <c>POST /v1/instances/NAME/mounts/remove</c>.</summary>
public sealed record RemoveMountRequest
{
    /// <summary>Chosen by the client; sending the same id again has no further effect.</summary>
    public required string CommandId { get; init; }
    /// <summary>Where it is in the guest.</summary>
    public required string MountPoint { get; init; }
    /// <summary>Also take it out of <c>lima.yaml</c>.</summary>
    public bool Save { get; init; }
}
