using System.Collections.Immutable;
using Lima.Domain.Specs;

namespace Lima.Domain.Mounts;

/// <summary>A mount that the guest is to have now.</summary>
/// <param name="Spec">From where to where.</param>
/// <param name="Type">The one way that it may take; null leaves it to what the machine offers.</param>
/// <param name="IsAdded">A user added it to the running machine; it is not of the configuration that the machine was launched with.</param>
public sealed record WantedMount(MountSpec Spec, MountType? Type, bool IsAdded = false)
{
    /// <summary>
    /// All that are wanted: those of the configuration, changed by what users have added and taken away since the launch.
    /// They are sorted so that one inside another comes after it.
    /// </summary>
    public static ImmutableArray<WantedMount> All(MountsSpec configured, IEnumerable<MountChange> changes)
    {
        var wanted = configured.Directories.ToDictionary(
            mount => mount.MountPoint, mount => new WantedMount(mount, configured.IsChosen ? configured.Type : null), StringComparer.Ordinal);
        foreach (var change in changes)
        {
            if (change.IsRemoved) wanted.Remove(change.MountPoint);
            else wanted[change.MountPoint] = new WantedMount(change.Spec, MountType.ReverseSshfs, IsAdded: true);
        }

        return [.. wanted.Values.OrderBy(mount => mount.Spec.MountPoint, StringComparer.Ordinal)];
    }
}

/// <summary>What a user changed about the mounts of a running machine; holds as long as the machine lives.</summary>
/// <param name="MountPoint">Where in the guest.</param>
/// <param name="Location">Absolute path on the host; empty for one that was taken away.</param>
/// <param name="Writable">Whether the guest may write.</param>
/// <param name="IsRemoved">It was taken away.</param>
public sealed record MountChange(string MountPoint, string Location, bool Writable, bool IsRemoved = false)
{
    /// <summary>The mount that was added.</summary>
    public MountSpec Spec => new(Location, MountPoint, Writable);
}
