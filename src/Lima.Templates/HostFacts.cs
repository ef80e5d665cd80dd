using System.Collections.Immutable;

namespace Lima.Templates;

/// <summary>What is at a path of the host.</summary>
public enum PathKind
{
    /// <summary>Nothing.</summary>
    Missing,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A socket.</summary>
    Socket,

    /// <summary>A file, or anything else.</summary>
    File,

    /// <summary>Something that this user may not look at.</summary>
    Inaccessible,
}

/// <summary>What defaults depend on: facts about this machine and the user, gathered by the caller.</summary>
public sealed record HostFacts
{
    /// <summary>The networks that Lima knows before a user has said anything.</summary>
    public static ImmutableDictionary<string, string> UsualNetworks { get; } = new Dictionary<string, string>
    {
        ["user-v2"] = "user-v2", ["shared"] = "shared", ["bridged"] = "bridged", ["host"] = "host",
    }.ToImmutableDictionary(StringComparer.Ordinal);

    /// <summary>Architecture in Lima's words (<c>x86_64</c>).</summary>
    public required string Arch { get; init; }

    /// <summary>Processors that the host may use.</summary>
    public required int Cpus { get; init; }

    /// <summary>Memory of the host in bytes.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Login name of the user.</summary>
    public required string UserName { get; init; }

    /// <summary>Numeric id of the user.</summary>
    public required int Uid { get; init; }

    /// <summary>GECOS text of the user.</summary>
    public string UserComment { get; init; } = "";

    /// <summary>The user's home directory, for <c>~</c>.</summary>
    public required string Home { get; init; }

    /// <summary>Name of the host's time zone (<c>Europe/Paris</c>); empty when it is not known.</summary>
    public string Timezone { get; init; } = "";

    /// <summary>What tells this machine from others (<c>/etc/machine-id</c>); part of what hardware addresses are made from.</summary>
    public string MachineId { get; init; } = "";

    /// <summary>Value of <c>LIMA_SSH_OVER_VSOCK</c>, which wins over <c>ssh.overVsock</c>; empty when it is not set.</summary>
    public string SshOverVsock { get; init; } = "";

    /// <summary>Directory for files that may go at any time.</summary>
    public string TempDir { get; init; } = "/tmp";

    /// <summary>The directory that instances are in.</summary>
    public string LimaHome { get; init; } = "";

    /// <summary>Networks of <c>networks.yaml</c> by name, each with its mode.</summary>
    public ImmutableDictionary<string, string> Networks { get; init; } = UsualNetworks;

    /// <summary>Says what is at a path of the host; null where nobody looks, and rules about such things are left out.</summary>
    public Func<string, PathKind>? Look { get; init; }

    /// <summary>The Lima version that this program stands in for; templates may ask for a minimum.</summary>
    public string LimaVersion { get; init; } = StandsInFor;

    /// <summary>The newest Lima whose files this program writes as Lima would; goes into an instance's <c>lima-version</c>.</summary>
    public const string StandsInFor = "2.2.0";
}

/// <summary>What texts may say about the instance that they are read for.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Directory">Its directory, absolute.</param>
public sealed record InstanceFacts(string Name, string Directory)
{
    /// <summary>Content of its <c>lima-version</c> file; null for an instance that is being created now, empty when there is no such file.</summary>
    public string? CreatedBy { get; init; }

    /// <summary>Path of its configuration, absolute; part of what hardware addresses are made from.</summary>
    public string ConfigFile { get; init; } = Directory + "/lima.yaml";

    /// <summary>The guest's host name.</summary>
    public string Hostname => "lima-" + Name.Replace('.', '-').Replace('_', '-');
}
