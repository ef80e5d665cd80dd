using Lima.Domain.Specs;

namespace Lima.Domain.PortForwarding;

/// <summary>One forward that is to be, or is.</summary>
/// <param name="Protocol">TCP or UDP; TCP where a socket is an end.</param>
/// <param name="Guest">The end in the guest.</param>
/// <param name="Host">The end at the host.</param>
public sealed record Forward(PortProtocol Protocol, ForwardEnd Guest, ForwardEnd Host)
{
    /// <summary>From the guest to the host: what connects to <see cref="Guest"/> reaches <see cref="Host"/>.</summary>
    public bool Reverse { get; init; }

    /// <summary>Kept whether or not anything listens behind it.</summary>
    public bool Static { get; init; }

    /// <summary>On the VM's own address of the host's loopback, where a port is what it is in the guest.</summary>
    public bool IsOwn { get; init; }

    /// <summary>Where the host's port cannot be had, the next free one does as well.</summary>
    public bool AnyHostPort { get; init; }

    /// <summary>Whether the guest's end is known to be reached on every address of IPv4, and so from outside of the guest.</summary>
    public bool GuestTakesIPv4 { get; init; }

    /// <summary>The end that is listened on; no two forwards of one VM share it.</summary>
    public (PortProtocol Protocol, bool Reverse, ForwardEnd End) Key => (Protocol, Reverse, Reverse ? Guest : Host);

    /// <inheritdoc/>
    public override string ToString() => Reverse
        ? $"{Protocol.ToString().ToUpperInvariant()} from {Host} to {Guest} (reverse)"
        : $"{Protocol.ToString().ToUpperInvariant()} from {Guest} to {Host}";
}
