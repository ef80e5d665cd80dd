using Lima.Actors.Persistence;
using Lima.Contracts;
using Lima.Domain.Disks;
using Lima.Domain.PortForwarding;
using Lima.Domain.Vms.Messages;
using Lima.Host.Journal;

namespace Lima.Host.Api;

/// <summary>One line for people about each stored event.</summary>
internal static class EventTexts
{
    /// <summary>A row as clients see it.</summary>
    public static EventView View(JournalRow row, string name)
    {
        var (e, strange) = Read(row);
        return new EventView
        {
            Sequence = row.Sequence,
            Time = e?.At ?? default,
            Id = row.PersistenceId["vm-".Length..],
            Instance = name,
            Type = row.Manifest,
            Text = e is null ? strange : Text(e),
            Data = row.Json,
        };
    }

    private static (VmEvent? Event, string Strange) Read(JournalRow row)
    {
        try
        {
            var e = EventManifests.Read(System.Text.Encoding.UTF8.GetBytes(row.Json.GetRawText()), row.Manifest) as VmEvent;
            return (e, $"written by a newer version ({row.Manifest})");
        }
        catch (System.Text.Json.JsonException)
        {
            return (null, $"cannot be read ({row.Manifest})");
        }
    }

    private static string DiskText(DiskChange change) => change.Action switch
    {
        DiskActions.Grow => $"{change.Subject} is to grow to {Domain.Specs.ByteSize.Text(change.Bytes)}",
        DiskActions.Attach => $"{change.Subject} is to be attached",
        _ => $"{change.Subject} is to be detached",
    };

    private static string ForwardsText(RuleChange change) => string.Join("; ",
    [
        .. change.Add.Select(rule => rule.Ignore ? $"{PortRuleText.GuestEnd(rule)} of the guest is not to be forwarded" : $"forward {PortRuleText.Of(rule)} added"),
        .. change.Remove.Select(rule => $"forward {PortRuleText.Of(rule)} removed"),
    ]);

    /// <summary>What happened.</summary>
    public static string Text(VmEvent e) => e switch
    {
        VmEvents.Created c => $"{c.Origin} as `{c.Name}`",
        VmEvents.Renamed r => $"renamed to `{r.Name}`",
        VmEvents.StartRequested => "start requested",
        VmEvents.BootResumed => "start taken up again after the host came back",
        VmEvents.BootPrepared p => $"image, disk and seed are ready; SSH port {p.SshPort}",
        VmEvents.QemuLaunched l => $"QEMU launched as process {l.Process.Pid}",
        VmEvents.QemuAdopted a => $"QEMU process {a.Process.Pid} adopted",
        VmEvents.RequirementMet r => $"{r.Requirement}: ready",
        VmEvents.RequirementFailed r => $"{r.Requirement}: not satisfied: {r.Reason}",
        VmEvents.BootTimed t => FormattableString.Invariant($"the guest booted in {t.Seconds:0.00} s"),
        VmEvents.Started => "running",
        VmEvents.StopRequested s => s.Force ? "stop requested, at once" : "stop requested",
        VmEvents.StopEscalated => "the guest did not shut down in time; ending QEMU",
        VmEvents.RestartRequested => "restart requested",
        VmEvents.PauseRequested => "pause requested",
        VmEvents.Paused p => p.Cause is null ? "paused" : $"paused: {p.Cause.Message}",
        VmEvents.ResumeRequested => "resume requested",
        VmEvents.Resumed => "resumed",
        VmEvents.RequestFailed f => $"not done: {f.Cause}",
        VmEvents.Stopped s => $"stopped: {s.Cause.Message}",
        VmEvents.Failing f => $"start failed: {f.Cause.Message}",
        VmEvents.Failed f => $"error while {f.Cause}",
        VmEvents.Degraded d => $"degraded: {d.Cause}",
        VmEvents.Healed h => $"well again: {h.Code}",
        VmEvents.GuestRebooted => "the guest rebooted",
        VmEvents.DeleteRequested => "deletion requested",
        VmEvents.Deleted => "deleted",
        VmEvents.EditRequested => "new configuration accepted",
        VmEvents.Edited => "new configuration written",
        VmEvents.CloneRequested r => $"clone `{r.CloneName}` requested",
        VmEvents.Cloned => "cloned",
        VmEvents.RenameRequested r => $"renaming to `{r.NewName}` requested",
        VmEvents.MountAdded m => $"mount of `{m.Location}` at `{m.MountPoint}` requested{(m.Writable ? ", writable" : "")}",
        VmEvents.MountRemoved m => $"removal of the mount at `{m.MountPoint}` requested",
        VmEvents.ForwardsChanged f => ForwardsText(f.Change),
        VmEvents.ForwardsSaved => "the forwards are in lima.yaml",
        VmEvents.ForwardsNotSaved f => $"the forwards are not in lima.yaml: {f.Cause}",
        VmEvents.DiskChangeRequested r => DiskText(r.Change),
        VmEvents.DiskChanged => "the disks are changed",
        VmEvents.DiskChangeFailed f => $"the disks were not changed: {f.Cause}",
        VmEvents.Trimmed t => $"trimmed, {Domain.Specs.ByteSize.Text(t.Bytes)} given back",
        VmEvents.FactoryResetRequested => "factory reset requested",
        VmEvents.FactoryReset => "factory reset",
        _ => e.GetType().Name,
    };
}
