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
    /// <c>waiting</c>: nothing listens in the guest.
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
