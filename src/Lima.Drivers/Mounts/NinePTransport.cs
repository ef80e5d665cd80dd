using Lima.Domain.Mounts;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Instances;

namespace Lima.Drivers.Mounts;

/// <summary>9p: QEMU itself serves a directory to a device of the guest. Which there are is decided when QEMU is launched.</summary>
/// <param name="arguments">The arguments of the VM's living QEMU; empty when there is none.</param>
public sealed class NinePTransport(Func<VmId, InstanceDirectory, IReadOnlyList<string>> arguments) : IMountTransport
{
    /// <inheritdoc/>
    public MountType Type => MountType.NineP;

    /// <inheritdoc/>
    public bool IsOffered(VmId id, InstanceDirectory directory, MountSpec mount)
    {
        var tag = $",mount_tag={MountTag.Of(mount)},";
        return arguments(id, directory).Any(argument => argument.Contains(tag, StringComparison.Ordinal));
    }

    /// <inheritdoc/>
    public bool Fits(MountSpec mount, GuestMount row) =>
        row.FsType == "9p" && row.Source == MountTag.Of(mount) && row.ReadOnly == !mount.Writable;

    /// <inheritdoc/>
    public Task<ILiveMount?> AdoptAsync(MountRequest request, CancellationToken cancel) => Task.FromResult<ILiveMount?>(new NoWatch());

    /// <inheritdoc/>
    public async Task<ILiveMount> MountAsync(MountRequest request, CancellationToken cancel)
    {
        var mount = request.Mount;
        if (!IsOffered(request.Id, request.Directory, mount))
            throw MountErrors.CannotBe("QEMU was launched without it", "it is there after the next start; until then `mountType: reverse-sshfs` works");
        var order = new KernelMountOrder("9p", MountOptions.NineP(mount), MountTag.Of(mount), mount.MountPoint, ["9pnet_virtio", "9p"]);
        return await KernelMount.TryAsync(request.Session, order, cancel) is { } reason ? throw MountErrors.Because(reason) : new NoWatch();
    }
}
