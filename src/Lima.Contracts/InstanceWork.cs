namespace Lima.Contracts;

/// <summary>Body of <c>POST /v1/instances/NAME/edit</c>.</summary>
public sealed record EditRequest
{
    /// <summary>Chosen by the client; sending the same id again has no further effect.</summary>
    public required string CommandId { get; init; }
    /// <summary>The whole new text of its <c>lima.yaml</c>.</summary>
    public required string Yaml { get; init; }
}

/// <summary>Body of <c>POST /v1/instances/NAME/clone</c> and <c>POST /v1/instances/NAME/rename</c>.</summary>
public sealed record NewNameRequest
{
    /// <summary>Chosen by the client; sending the same id again has no further effect.</summary>
    public required string CommandId { get; init; }
    /// <summary>Name of the clone, or the other name.</summary>
    public required string Name { get; init; }
}

/// <summary>A further disk that a configuration asks for.</summary>
/// <param name="Name">Name of the disk.</param>
/// <param name="Format">Whether the guest makes a file system on it when it has none.</param>
/// <param name="FsType">File system to be made; null leaves the choice to the guest.</param>
/// <param name="FsArgs">Arguments for making it; null for none.</param>
public sealed record AdditionalDiskView(string Name, bool Format, string? FsType = null, IReadOnlyList<string>? FsArgs = null);

/// <summary>Body of <c>POST /v1/images/prune</c>.</summary>
public sealed record PruneRequest
{
    /// <summary>Keep what the configuration of an instance names.</summary>
    public bool KeepReferred { get; init; }
    /// <summary>Further locations to keep, for example those that templates name.</summary>
    public IReadOnlyList<string> Keep { get; init; } = [];
}

/// <summary>Answer to <c>POST /v1/images/prune</c>.</summary>
/// <param name="Removed">Entries that are gone.</param>
/// <param name="InUse">Entries that were kept because disks or kernels of instances lie on them.</param>
public sealed record PruneReply(IReadOnlyList<ImageView> Removed, IReadOnlyList<ImageView> InUse);
