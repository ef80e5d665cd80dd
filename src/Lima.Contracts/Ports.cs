namespace Lima.Contracts;

/// <summary>A port or a socket of a guest at the host, or a rule that waits for one.</summary>
public sealed record PortView
{
    /// <summary><c>tcp</c> or <c>udp</c>; <c>any</c> for a rule that waits for either.</summary>
    public required string Protocol { get; init; }
    /// <summary>The end in the guest: address and port, or a socket.</summary>
    public required string GuestAddress { get; init; }
    /// <summary>The end at the host.</summary>
    public required string HostAddress { get; init; }
    /// <summary>
    /// <c>forwarding</c>; <c>failed</c>: tried again by itself; <c>taken</c>: only <see cref="InstanceView.LoopbackAddress"/> leads to it;
    /// <c>waiting</c>: nothing listens in the guest; <c>ignored</c>: it was taken away while the instance runs.
    /// </summary>
    public required string State { get; init; }
    /// <summary>The way that its connections take (<c>ssh</c>); null while it is not in effect.</summary>
    public string? Path { get; init; }
    /// <summary>Why it is not in effect, or not as wanted; null when all is well.</summary>
    public CauseView? Problem { get; init; }
    /// <summary>The user's rule behind it, as <c>limactl port add</c> takes it; null for what is forwarded by itself.</summary>
    public string? Rule { get; init; }
    /// <summary>It is on the instance's own address.</summary>
    public bool Own { get; init; }
    /// <summary>From the guest to the host: what connects to the guest's end reaches the host's.</summary>
    public bool Reverse { get; init; }
}

/// <summary>Data of an event about a forward; names and words are Lima's.</summary>
/// <param name="Type"><c>forwarding</c>, <c>not-forwarding</c>, <c>stopped</c> or <c>failed</c>.</param>
/// <param name="Protocol"><c>tcp</c> or <c>udp</c>.</param>
/// <param name="GuestAddr">The end in the guest.</param>
/// <param name="HostAddr">The end at the host; null when there is none.</param>
/// <param name="Error">Why it is not in effect; null otherwise.</param>
public sealed record PortEventData(string Type, string Protocol, string GuestAddr, string? HostAddr = null, string? Error = null);

/// <summary>Answer to <c>GET /v1/instances/NAME/ports</c>.</summary>
/// <param name="Forwards">What is forwarded, what should be, and rules that wait.</param>
/// <param name="LoopbackAddress">The instance's own address; null when it has none.</param>
/// <param name="Pending">Changes that were accepted are not carried out yet.</param>
public sealed record PortList(IReadOnlyList<PortView> Forwards, string? LoopbackAddress = null, bool Pending = false);

/// <summary>Body of <c>POST /v1/instances/NAME/ports/{add,remove}</c>.</summary>
public sealed record PortsRequest
{
    /// <summary>Chosen by the client; sending the same id again has no further effect.</summary>
    public required string CommandId { get; init; }
    /// <summary>
    /// To add: rules, <c>[HOSTIP:]HOSTPORT:[GUESTIP:]GUESTPORT[/tcp|/udp]</c>, ranges, sockets, <c>auto</c> as the host's port, then <c>,static=true</c> or
    /// <c>,reverse=true</c>. To remove: the same, or the host's end alone.
    /// </summary>
    public required IReadOnlyList<string> Ports { get; init; }
    /// <summary>Also write it into <c>lima.yaml</c>; without this it lasts until the instance stops.</summary>
    public bool Save { get; init; }
}
