using System.Text.Json.Serialization;

namespace Lima.Cli.Watching;

/// <summary>One line of <c>limactl watch --json</c>, in the shape that users of Lima read.</summary>
internal sealed record WatchLine(string Instance, WatchEvent Event);

/// <summary>When something happened to an instance, and how it is then.</summary>
internal sealed record WatchEvent(DateTimeOffset Time, WatchStatus Status);

/// <summary>How an instance is; what is not said is false, 0 or nothing.</summary>
internal sealed record WatchStatus
{
    /// <summary>It is ready.</summary>
    public bool Running { get; init; }
    /// <summary>It runs, and something is not as it should be.</summary>
    public bool Degraded { get; init; }
    /// <summary>It has ended.</summary>
    public bool Exiting { get; init; }
    /// <summary>What is not as it should be.</summary>
    public IReadOnlyList<string>? Errors { get; init; }
    /// <summary>Port of SSH on this machine.</summary>
    [JsonPropertyName("sshLocalPort")]
    public int SshLocalPort { get; init; }
    /// <summary>How far the guest's own start is.</summary>
    public WatchBoot? CloudInitProgress { get; init; }
    /// <summary>What has happened to a forward.</summary>
    public WatchForward? PortForward { get; init; }
}

/// <summary>What has happened to a forward: <c>forwarding</c>, <c>not-forwarding</c>, <c>stopping</c> or <c>failed</c>.</summary>
internal sealed record WatchForward(string Type, string Protocol, string GuestAddr, string? HostAddr, string? Error);

/// <summary>A line of the guest's own start, or its end.</summary>
internal sealed record WatchBoot(string? LogLine, bool Completed, bool Active);

/// <summary>Writes <see cref="WatchLine"/> without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(WatchLine))]
internal sealed partial class WatchJson : JsonSerializerContext;
