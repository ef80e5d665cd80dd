using System.Collections.Immutable;
using Lima.Domain.Mounts;
using Lima.Domain.Vms;
using Lima.Drivers.Mounts;

namespace Lima.Actors.Mounts;

/// <summary>One reason for all mounts that are not there, since a VM is degraded by them as a whole.</summary>
internal static class MountCauses
{
    private const int ShownMax = 5;

    /// <summary>Null when all are there.</summary>
    public static VmCause? Of(ImmutableArray<KeptMount> mounts)
    {
        var broken = mounts.Where(mount => !mount.IsUp).ToList();
        if (broken.Count == 0) return null;
        var texts = broken.Take(ShownMax).Select(mount =>
            $"`{mount.Wanted.Spec.MountPoint}`{(mount.Type is { } type ? $" ({MountTypes.Word(type)})" : "")} is not mounted: {mount.Problem?.Message ?? "it broke"}");
        var more = broken.Count > ShownMax ? $"; and {broken.Count - ShownMax} more" : "";
        return new VmCause(VmCauses.Mounts, "mounting", string.Join("; ", texts) + more, broken[0].Problem?.Hint ?? "it is tried again by itself");
    }
}
