namespace Lima.GuestAgent.Listeners;

/// <summary>Something that listens in this guest. The order is that of ports, so that the lowest come first.</summary>
/// <param name="Port">1 to 65535.</param>
/// <param name="IsUdp">UDP, not TCP.</param>
/// <param name="IsNew">IPv6, not IPv4.</param>
/// <param name="Address">The address as a number; of IPv4 the lower 32 bits.</param>
internal readonly record struct Listening(ushort Port, bool IsUdp, bool IsNew, UInt128 Address) : IComparable<Listening>
{
    // ::ffff:0:0/96, by which programs that know IPv6 alone say IPv4.
    private static readonly UInt128 Mapped = (UInt128)0xffff << 32;

    /// <summary>Of an IPv6 socket; an IPv4 address in its clothes is taken for what it is.</summary>
    public static Listening OfNew(ushort port, bool isUdp, UInt128 address) =>
        address >> 32 == Mapped >> 32 ? new(port, isUdp, false, (uint)address) : new(port, isUdp, true, address);

    /// <inheritdoc/>
    public int CompareTo(Listening other)
    {
        if (Port != other.Port) return Port.CompareTo(other.Port);
        if (IsUdp != other.IsUdp) return IsUdp.CompareTo(other.IsUdp);
        return IsNew != other.IsNew ? IsNew.CompareTo(other.IsNew) : Address.CompareTo(other.Address);
    }

    public static bool operator <(Listening left, Listening right) => left.CompareTo(right) < 0;

    public static bool operator >(Listening left, Listening right) => left.CompareTo(right) > 0;

    public static bool operator <=(Listening left, Listening right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Listening left, Listening right) => left.CompareTo(right) >= 0;
}
