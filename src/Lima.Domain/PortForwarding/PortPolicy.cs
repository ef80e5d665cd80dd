namespace Lima.Domain.PortForwarding;

/// <summary>What holds for the forwards of a VM besides its rules.</summary>
/// <param name="OwnAddress">The VM's own address of the host's loopback; empty when it has none.</param>
/// <param name="NextFree">Where a port of the host cannot be had, the next free one is used; otherwise that is an error.</param>
public sealed record PortPolicy(string OwnAddress = "", bool NextFree = false)
{
    /// <summary>As in Lima.</summary>
    public static readonly PortPolicy Plain = new();
}
