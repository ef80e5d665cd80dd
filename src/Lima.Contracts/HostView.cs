namespace Lima.Contracts;

/// <summary>
/// Answer to <c>GET /v1/host</c>; with <c>?brief=true</c> without what has to be found out first (QEMU and accelerator).
/// <c>POST /v1/host/shutdown</c> ends the host and leaves the VMs running.
/// </summary>
public sealed record HostView
{
    /// <summary>Version of the host.</summary>
    public required string Version { get; init; }
    /// <summary>What the API can do, by name, so that a client need not compare versions.</summary>
    public required IReadOnlyList<string> Capabilities { get; init; }
    /// <summary>Process of the host.</summary>
    public required int Pid { get; init; }
    /// <summary>The home it serves.</summary>
    public required string Home { get; init; }
    /// <summary>When it was started.</summary>
    public required DateTimeOffset StartedAt { get; init; }
    /// <summary>Instances by status.</summary>
    public required IReadOnlyDictionary<string, int> Instances { get; init; }
    /// <summary>How guests are run.</summary>
    public AcceleratorView? Accelerator { get; init; }
    /// <summary>Version of QEMU; null when there is none.</summary>
    public string? QemuVersion { get; init; }
    /// <summary>What was found wrong at start-up and put right (for example a damaged journal), newest last.</summary>
    public IReadOnlyList<string> Notices { get; init; } = [];
    /// <summary>Each instance's own address on the host's loopback, by name; null where they have none.</summary>
    public IReadOnlyDictionary<string, string>? LoopbackAddresses { get; init; }
    /// <summary>Place of the newest event; pass it to <c>GET /v1/events?after=</c> to see only what comes from now on. 0 when there is none.</summary>
    public long NewestEvent { get; init; }
}

/// <summary>Which accelerator is used and how that was decided.</summary>
/// <param name="Name"><c>kvm</c>, <c>hvf</c> or <c>tcg</c>.</param>
/// <param name="Reason">Why this one.</param>
/// <param name="DecidedBy"><c>probe</c>, <c>cache</c> or <c>override</c>.</param>
public sealed record AcceleratorView(string Name, string Reason, string DecidedBy);

/// <summary>An image in the store.</summary>
/// <param name="Key">Name of its directory in the cache.</param>
/// <param name="Location">URL or <c>recipe:NAME</c>.</param>
/// <param name="Bytes">Size on disk.</param>
/// <param name="Modified">When it was made.</param>
/// <param name="Digest">Digest that was verified; null when none was asked for.</param>
/// <param name="Path">Path of the disk image.</param>
public sealed record ImageView(string Key, string Location, long Bytes, DateTimeOffset Modified, string? Digest, string? Path = null);

/// <summary>Answer to <c>GET /v1/images</c>.</summary>
/// <param name="Images">Entries of the store.</param>
/// <param name="Recipes">Names of the recipes that can be built.</param>
public sealed record ImageList(IReadOnlyList<ImageView> Images, IReadOnlyList<string> Recipes);
