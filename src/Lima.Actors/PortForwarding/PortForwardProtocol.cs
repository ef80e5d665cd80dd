using Lima.Domain.Vms;

namespace Lima.Actors.PortForwarding;

/// <summary>What the edge of the host says about forwards.</summary>
public static class PortForwardProtocol
{
    /// <summary>Published on the event stream: the rules of that VM may have changed: read them again.</summary>
    /// <param name="Id">Which VM.</param>
    public sealed record Reload(VmId Id);
}
