namespace Lima.Contracts;

/// <summary>Answer to <c>GET /v1/dns</c> and <c>POST /v1/dns</c>: how names of instances are found on this machine, and where guests' questions go.</summary>
public sealed record DnsView
{
    /// <summary>The domain of the instances.</summary>
    public required string Domain { get; init; }
    /// <summary>Port of 127.0.0.1, UDP and TCP, at which the host answers for that domain; 0 for none.</summary>
    public required int Port { get; init; }
    /// <summary>Why it does not answer there though it is to; null when all is well.</summary>
    public string? Problem { get; init; }
    /// <summary>Whether programs of this machine find names of that domain.</summary>
    public required bool Works { get; init; }
    /// <summary>The instances, sorted by name.</summary>
    public required IReadOnlyList<DnsInstance> Instances { get; init; }
    /// <summary>The file that names this machine's name servers.</summary>
    public required string File { get; init; }
    /// <summary>The servers that questions of guests go to.</summary>
    public required IReadOnlyList<string> Servers { get; init; }
}

/// <summary>An instance in <see cref="DnsView"/>.</summary>
/// <param name="Instance">Name of the instance.</param>
/// <param name="Names">Names under which it is found, the plainest first.</param>
/// <param name="Address">Its address on this machine; null when it has none.</param>
public sealed record DnsInstance(string Instance, IReadOnlyList<string> Names, string? Address);

/// <summary>Body of <c>POST /v1/dns</c>.</summary>
public sealed record DnsRequest
{
    /// <summary>The port to answer at from now on, also after a restart of the host; 0 for none.</summary>
    public required int Port { get; init; }
}
