using Lima.Domain.Networks;
using Lima.Domain.Vms;

namespace Lima.Actors.Networks;

/// <summary>What keepers of machines and of networks say to each other.</summary>
internal static class NetworkProtocol
{
    /// <summary>Attach a card; answered with <see cref="Joined"/> or <see cref="Refused"/>. What is so already is no error.</summary>
    /// <param name="Member">The card.</param>
    /// <param name="IsNew">Its machine is yet to start, so whatever is left of an earlier one is replaced.</param>
    public sealed record Join(NetworkMember Member, bool IsNew);

    /// <summary>Frames of that card go to the network now.</summary>
    public sealed record Joined(NetworkMember Member);

    /// <summary>They do not.</summary>
    /// <param name="Member">The card.</param>
    /// <param name="IsNew">As it was asked: who runs already belongs there all the same.</param>
    /// <param name="Cause">Why.</param>
    public sealed record Refused(NetworkMember Member, bool IsNew, VmCause Cause);

    /// <summary>The machine is gone: detach all its cards.</summary>
    public sealed record Leave(VmId Vm);
}
