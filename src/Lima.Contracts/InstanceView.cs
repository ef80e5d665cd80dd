using System.Text.Json;

namespace Lima.Contracts;

/// <summary>An instance as programs see it. Names and meanings of the first group are Lima's (<c>limactl list --json</c>).</summary>
public sealed record InstanceView
{
    /// <summary>Name of the instance.</summary>
    public required string Name { get; init; }
    /// <summary>Host name in the guest (<c>lima-NAME</c>).</summary>
    public string Hostname { get; init; } = "";
    /// <summary><c>Stopped</c>, <c>Starting</c>, <c>Running</c>, <c>Paused</c> or <c>Error</c>; <c>Broken</c> when its configuration cannot be read.</summary>
    public required string Status { get; init; }
    /// <summary>Instance directory.</summary>
    public string Dir { get; init; } = "";
    /// <summary>Hypervisor.</summary>
    public string VmType { get; init; } = "";
    /// <summary>Architecture.</summary>
    public string Arch { get; init; } = "";
    /// <summary>Virtual processors.</summary>
    public int Cpus { get; init; }
    /// <summary>Memory in bytes.</summary>
    public long Memory { get; init; }
    /// <summary>Virtual size of the main disk in bytes.</summary>
    public long Disk { get; init; }
    /// <summary>Bytes that the main disk takes on the host's disk, without the image that it lies on.</summary>
    public long DiskAllocated { get; init; }
    /// <summary>Message of the template.</summary>
    public string? Message { get; init; }
    /// <summary>Port on <see cref="SshAddress"/> that leads to the guest's SSH server; 0 when none is chosen yet.</summary>
    public int SshLocalPort { get; init; }
    /// <summary>OpenSSH configuration with the host alias <c>lima-NAME</c>.</summary>
    public string? SshConfigFile { get; init; }
    /// <summary>Process of the host, while it looks after a living VM.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("hostAgentPID")]
    public int? HostAgentPid { get; init; }
    /// <summary>Process of the hypervisor, while the VM lives.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("driverPID")]
    public int? DriverPid { get; init; }
    /// <summary>What is wrong with its configuration, and what is degraded, in words; null when nothing is.</summary>
    public IReadOnlyList<string>? Errors { get; init; }
    /// <summary>The configuration, filled in.</summary>
    public JsonElement? Config { get; init; }
    /// <summary>Address for SSH.</summary>
    public string SshAddress { get; init; } = "127.0.0.1";
    /// <summary>Whether deletion is refused.</summary>
    public bool Protected { get; init; }
    /// <summary>Version that created it.</summary>
    public string LimaVersion { get; init; } = "";

    /// <summary>Further disks that its configuration names; null when there are none.</summary>
    public IReadOnlyList<AdditionalDiskView>? AdditionalDisks { get; init; }
    /// <summary>Cards that its configuration has besides the first; null when there are none.</summary>
    public IReadOnlyList<NetworkCardView>? Network { get; init; }
    /// <summary>Parameters of its template; null when there are none.</summary>
    public IReadOnlyDictionary<string, string>? Param { get; init; }
    /// <summary>The systemd unit that starts it at login, while it runs; null when there is none.</summary>
    public string? AutoStartedIdentifier { get; init; }

    /// <summary>Identity behind the name.</summary>
    public string Id { get; init; } = "";
    /// <summary>What has been asked for and is not reached yet (<c>stopping</c>, <c>pausing</c>, …); null when nothing is.</summary>
    public string? Intent { get; init; }
    /// <summary>Why it is in this state; null when there is nothing to say.</summary>
    public CauseView? Cause { get; init; }
    /// <summary>What is not as it should be although the VM runs; null when all is well.</summary>
    public IReadOnlyList<CauseView>? Degraded { get; init; }
    /// <summary>Directories of the host in the guest, while it lives; null when there are none.</summary>
    public IReadOnlyList<MountView>? Mounts { get; init; }
    /// <summary>Ports and sockets that are forwarded, or should be, while it lives; null when there are none.</summary>
    public IReadOnlyList<PortView>? Forwards { get; init; }
    /// <summary>Its own address on the host's loopback, on which its ports are the same as in the guest; null when it has none.</summary>
    public string? LoopbackAddress { get; init; }
    /// <summary>Since when it is in this phase.</summary>
    public DateTimeOffset? Since { get; init; }
    /// <summary>User name in the guest.</summary>
    public string? User { get; init; }
    /// <summary>How many events it has: the place of its newest one among its own.</summary>
    public long Sequence { get; init; }
}

/// <summary>Why, and what to do next.</summary>
/// <param name="Code">Stable word for programs.</param>
/// <param name="Step">What was being done.</param>
/// <param name="Message">What happened.</param>
/// <param name="Hint">What to do next; null when there is nothing to do.</param>
public sealed record CauseView(string Code, string Step, string Message, string? Hint = null);

/// <summary>Answer to <c>GET /v1/instances</c>.</summary>
/// <param name="Instances">All of them, sorted by name.</param>
public sealed record InstanceList(IReadOnlyList<InstanceView> Instances);
