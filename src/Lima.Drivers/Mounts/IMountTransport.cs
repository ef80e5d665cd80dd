using Lima.Domain.Mounts;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Instances;
using Lima.Drivers.Ssh;

namespace Lima.Drivers.Mounts;

/// <summary>
/// One way for directories of the host to reach a guest; one implementation for each <see cref="MountType"/>. Whoever
/// wants a mount looks at the guest's mount table first: <see cref="Fits"/> says whether a row is the mount, then
/// <see cref="AdoptAsync"/> takes it up, else what is there is unmounted and <see cref="MountAsync"/> makes it anew.
/// </summary>
public interface IMountTransport
{
    /// <summary>Which way.</summary>
    MountType Type { get; }

    /// <summary>Whether the living machine can serve this mount that way. What needs no device always can.</summary>
    bool IsOffered(VmId id, InstanceDirectory directory, MountSpec mount) => true;

    /// <summary>Whether a row of the guest's mount table is this mount with the right options.</summary>
    bool Fits(MountSpec mount, GuestMount row);

    /// <summary>
    /// Takes up a mount that stands in the guest's table, made by the guest's boot or by an earlier life of the host. Null
    /// when it cannot be taken up (its channel ended with the host): then it is unmounted and made anew.
    /// </summary>
    Task<ILiveMount?> AdoptAsync(MountRequest request, CancellationToken cancel);

    /// <summary>Mounts the directory, making the mount point; nothing is mounted there. Returns once the guest can use it.</summary>
    /// <exception cref="DriverException">It could not be done; the cause names the reason, and has the code
    /// <see cref="MountErrors.Unsupported"/> when this guest will never be able to.</exception>
    Task<ILiveMount> MountAsync(MountRequest request, CancellationToken cancel);
}

/// <summary>What a transport needs to know.</summary>
/// <param name="Id">The VM.</param>
/// <param name="Directory">Its files.</param>
/// <param name="Mount">What to mount.</param>
/// <param name="User">The guest's user, who owns mount points.</param>
/// <param name="Session">A session with the guest; when it breaks, all mounts are looked at again over the next one.</param>
public sealed record MountRequest(VmId Id, InstanceDirectory Directory, MountSpec Mount, UserSpec User, ISshSession Session);

/// <summary>
/// A mount that is being kept. Disposing it lets go of what this process holds for it (a channel, a watch) and leaves the
/// guest's mount table to whoever disposes.
/// </summary>
public interface ILiveMount : IAsyncDisposable
{
    /// <summary>Completes with the reason, one sentence, when the mount is known to be broken; never throws. A mount that only the guest's kernel keeps never does.</summary>
    Task<string> Broken { get; }
}
