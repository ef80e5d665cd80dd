namespace Lima.Templates;

/// <summary>What defaults depend on: facts about this machine and the user, gathered by the caller.</summary>
public sealed record HostFacts
{
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

    /// <summary>The Lima version that this program stands in for; templates may ask for a minimum.</summary>
    public string LimaVersion { get; init; } = "2.2.0";
}

/// <summary>What texts may say about the instance that they are read for.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Directory">Its directory, absolute.</param>
public sealed record InstanceFacts(string Name, string Directory)
{
    /// <summary>Content of its <c>lima-version</c> file; null for an instance that is being created now, empty when there is no such file.</summary>
    public string? CreatedBy { get; init; }

    /// <summary>The guest's host name.</summary>
    public string Hostname => "lima-" + Name.Replace('.', '-').Replace('_', '-');
}
