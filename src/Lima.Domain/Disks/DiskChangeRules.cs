using Lima.Domain.Vms;

namespace Lima.Domain.Disks;

/// <summary>Who has a disk.</summary>
/// <param name="IsThis">It is the instance whose disks are to be changed.</param>
/// <param name="Text">In a sentence.</param>
/// <param name="Instance">Name of the instance, if it is one.</param>
public sealed record DiskUser(bool IsThis, string Text, string? Instance);

/// <summary>What may be asked of the disks of an instance. What a disk and a configuration are is found out by others.</summary>
public static class DiskChangeRules
{
    /// <summary>What is wrong with the wish itself; null when nothing is.</summary>
    public static VmError? Problem(DiskChange change) => change switch
    {
        { Action: not (DiskActions.Grow or DiskActions.Attach or DiskActions.Detach) } =>
            new VmError("invalid", $"`{change.Action}` is nothing that can be done with a disk", "use `grow`, `attach` or `detach`"),
        { Action: DiskActions.Grow, Bytes: <= 0 } => new VmError("invalid", "the size of a disk must be more than 0", "write it as 20GiB"),
        { Action: not DiskActions.Grow, IsMain: true } => new VmError("invalid", "the disk of the instance itself can only grow", "name a disk"),
        _ => null,
    };

    /// <summary>Whether the disk has to be there for it. One that is gone can still be taken out of a configuration.</summary>
    public static bool NeedsDisk(DiskChange change) => !change.IsMain && change.Action != DiskActions.Detach;

    /// <summary>What is wrong with doing it to a disk that is there; null when nothing is.</summary>
    /// <param name="change">The wish.</param>
    /// <param name="instance">Name of the instance.</param>
    /// <param name="isUp">Whether the instance has a machine.</param>
    /// <param name="user">Who has the disk; null when nobody has.</param>
    public static VmError? Problem(DiskChange change, string instance, bool isUp, DiskUser? user) => (change.Action, isUp, user) switch
    {
        (DiskActions.Grow, true, { IsThis: true }) => null,
        (DiskActions.Grow, _, _) => new VmError(
            "refused", $"instance `{instance}` does not use disk `{change.Disk}` now", $"grow it by itself: `limactl disk resize {change.Disk} --size SIZE`"),
        (DiskActions.Attach, true, { IsThis: false } other) => new VmError(
            "disk-in-use", $"disk `{change.Disk}` is in use by {other.Text}",
            other.Instance is { } name ? $"stop it first: `limactl stop {name}`" : "see who with `fuser -v` on its datadisk"),
        _ => null,
    };

    /// <summary>What is wrong with the configuration that comes of it; null when nothing is.</summary>
    /// <param name="change">The wish.</param>
    /// <param name="instance">Name of the instance.</param>
    /// <param name="named">The disks that the new configuration names, with all that is laid over and under it.</param>
    public static VmError? ProblemAfter(DiskChange change, string instance, IEnumerable<string> named) =>
        change.Action == DiskActions.Detach && named.Contains(change.Disk)
            ? new VmError("refused", $"disk `{change.Disk}` is named by `default.yaml` or `override.yaml`, not by instance `{instance}` itself", "take it out there")
            : null;
}
