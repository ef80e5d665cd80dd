using Lima.Domain.Specs;

namespace Lima.Domain.PortForwarding;

/// <summary>Something in the guest that listens, as the guest reports it.</summary>
/// <param name="Protocol">TCP or UDP, never both.</param>
/// <param name="Ip">Address that it is bound to, in its shortest form (<c>0.0.0.0</c>, <c>::1</c>).</param>
/// <param name="Port">Port, 1 to 65535.</param>
public readonly record struct GuestListener(PortProtocol Protocol, string Ip, int Port)
{
    /// <summary>Whether one on <c>::</c> is known to take connections by IPv4 too, as most servers' do; false where the guest cannot tell.</summary>
    public bool TakesIPv4 { get; init; }

    /// <summary>Whether it listens on every address.</summary>
    public bool IsOnAllAddresses => IpText.IsUnspecified(Ip);

    /// <summary>Whether it is reached on every address of IPv4.</summary>
    public bool IsOnAllIPv4Addresses => Ip == IpText.Any || (Ip == IpText.Any6 && TakesIPv4);

    /// <summary>Where it is reached from within the guest.</summary>
    public ForwardEnd End => new(Ip, Port);

    /// <inheritdoc/>
    public override string ToString() => $"{Protocol.ToString().ToUpperInvariant()} {End}";
}
