using Lima.Domain.Specs;

namespace Lima.Drivers.Mounts;

/// <summary>Options in the guest, the same in its <c>fstab</c> as when the host mounts by itself.</summary>
internal static class MountOptions
{
    /// <summary>Options of 9p.</summary>
    public static string NineP(MountSpec mount) => FormattableString.Invariant(
        $"{Access(mount)},trans=virtio,version={mount.NineP.ProtocolVersion},msize={mount.NineP.MsizeBytes},cache={mount.NineP.Cache}");

    /// <summary>Options of virtiofs.</summary>
    public static string Virtiofs(MountSpec mount) => Access(mount);

    private static string Access(MountSpec mount) => mount.Writable ? "rw" : "ro";
}
