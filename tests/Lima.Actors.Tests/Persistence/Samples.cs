using Lima.Domain.Catalog;
using Lima.Domain.Disks;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;
using Lima.Domain.Vms.Messages;
using Lima.Domain.Vms;

namespace Lima.Actors.Tests.Persistence;

/// <summary>One event of each stored type, with the values that corpus files are compared with.</summary>
internal static class Samples
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 12, 0, 0, 123, TimeSpan.Zero);
    private static readonly ProcessIdentity Process = new(4711, 987654321, "3f1c6a0e-5d0f-4f0a-9a53-0d2f6b1c7e11");
    private static readonly VmCause Cause = new("qemu-crashed", "running", "QEMU ended unexpectedly: über – 🐧", "start it again");
    private const string Id = "0b8f2a44-7f0a-4f43-8f5c-5a5d1c7b9e10";

    /// <summary>What the corpus file of each manifest holds.</summary>
    public static readonly IReadOnlyDictionary<string, object> ByManifest = new Dictionary<string, object>
    {
        ["vm.created.v1"] = new VmEvents.Created(At, "web", VmOrigins.Created),
        ["vm.renamed.v1"] = new VmEvents.Renamed(At, "web-2"),
        ["vm.start-requested.v1"] = new VmEvents.StartRequested(At, "c-1", 3, At + TimeSpan.FromMinutes(10)),
        ["vm.boot-resumed.v1"] = new VmEvents.BootResumed(At),
        ["vm.boot-prepared.v1"] = new VmEvents.BootPrepared(At, 60022),
        ["vm.qemu-launched.v1"] = new VmEvents.QemuLaunched(At, Process),
        ["vm.qemu-adopted.v1"] = new VmEvents.QemuAdopted(At, Process),
        ["vm.requirement-met.v1"] = new VmEvents.RequirementMet(At, "boot-scripts"),
        ["vm.requirement-failed.v1"] = new VmEvents.RequirementFailed(At, "copy-to-host", "no such file"),
        ["vm.boot-timed.v1"] = new VmEvents.BootTimed(At, 12.34, [new BootPhase("kernel", 0, 1.5), new BootPhase("provision system 00000001", 10.25, 2, 3)]),
        ["vm.started.v1"] = new VmEvents.Started(At),
        ["vm.stop-requested.v1"] = new VmEvents.StopRequested(At, "c-2", Force: true),
        ["vm.stop-escalated.v1"] = new VmEvents.StopEscalated(At),
        ["vm.restart-requested.v1"] = new VmEvents.RestartRequested(At, "c-3", Force: false, TimeSpan.FromMinutes(10)),
        ["vm.pause-requested.v1"] = new VmEvents.PauseRequested(At, "c-4"),
        ["vm.paused.v1"] = new VmEvents.Paused(At),
        ["vm.resume-requested.v1"] = new VmEvents.ResumeRequested(At, "c-5"),
        ["vm.resumed.v1"] = new VmEvents.Resumed(At),
        ["vm.request-failed.v1"] = new VmEvents.RequestFailed(At, Cause),
        ["vm.stopped.v1"] = new VmEvents.Stopped(At, Cause),
        ["vm.failing.v1"] = new VmEvents.Failing(At, Cause),
        ["vm.failed.v1"] = new VmEvents.Failed(At, Cause),
        ["vm.degraded.v1"] = new VmEvents.Degraded(At, Cause),
        ["vm.healed.v1"] = new VmEvents.Healed(At, "qmp-mute"),
        ["vm.guest-rebooted.v1"] = new VmEvents.GuestRebooted(At),
        ["vm.delete-requested.v1"] = new VmEvents.DeleteRequested(At, "c-6", Force: true),
        ["vm.edit-requested.v1"] = new VmEvents.EditRequested(At, "c-7", "cpus: 2\n# ü\n"),
        ["vm.edited.v1"] = new VmEvents.Edited(At),
        ["vm.clone-requested.v1"] = new VmEvents.CloneRequested(At, "c-8", Id, "web-3"),
        ["vm.cloned.v1"] = new VmEvents.Cloned(At),
        ["vm.rename-requested.v1"] = new VmEvents.RenameRequested(At, "c-9", "web-2"),
        ["vm.factory-reset-requested.v1"] = new VmEvents.FactoryResetRequested(At, "c-10"),
        ["vm.factory-reset.v1"] = new VmEvents.FactoryReset(At),
        ["vm.mount-added.v1"] = new VmEvents.MountAdded(At, "c-11", "/src/ü b", "/mnt/src", Writable: true),
        ["vm.mount-removed.v1"] = new VmEvents.MountRemoved(At, "c-12", "/mnt/src"),
        ["vm.forwards-changed.v1"] = new VmEvents.ForwardsChanged(
            At, "c-21",
            new RuleChange(
                [new PortForwardSpec { GuestPorts = new PortRange(80, 80), HostPorts = new PortRange(8080, 8080), Protocol = PortProtocol.Tcp, AnyHostPort = true }],
                [new PortForwardSpec { GuestSocket = "/g.sock", HostSocket = "/h.sock", GuestPorts = default, HostPorts = default, Reverse = true }]),
            new ConfigurationChange("portForwards: []\n", "0123")),
        ["vm.forwards-saved.v1"] = new VmEvents.ForwardsSaved(At),
        ["vm.forwards-not-saved.v1"] = new VmEvents.ForwardsNotSaved(At, Cause),
        ["vm.disk-change-requested.v1"] = new VmEvents.DiskChangeRequested(At, "c-20", new DiskChange(DiskActions.Attach, "data", 0, "cpus: 2\n")),
        ["vm.disk-changed.v1"] = new VmEvents.DiskChanged(At),
        ["vm.disk-change-failed.v1"] = new VmEvents.DiskChangeFailed(At, Cause),
        ["vm.trimmed.v1"] = new VmEvents.Trimmed(At, 1L << 40),
        ["vm.deleted.v1"] = new VmEvents.Deleted(At),
        ["catalog.registered.v1"] = new CatalogEvents.Registered(At, Id, "web"),
        ["catalog.renamed.v1"] = new CatalogEvents.Renamed(At, Id, "web-2"),
        ["catalog.removed.v1"] = new CatalogEvents.Removed(At, Id),
    };

    /// <summary>Values that are easily lost: absent and present options, texts of every kind, ends of ranges.</summary>
    public static readonly IReadOnlyList<object> Awkward =
    [
        new VmEvents.Paused(At, Cause),
        new VmEvents.QemuAdopted(At, Process, 60022),
        new VmEvents.QemuAdopted(At, new ProcessIdentity(int.MaxValue, long.MaxValue, "")),
        new VmEvents.StartRequested(DateTimeOffset.MinValue, "", int.MaxValue, DateTimeOffset.MaxValue),
        new VmEvents.StartRequested(new DateTimeOffset(2026, 3, 1, 12, 0, 0, 1, TimeSpan.FromHours(5.5)).AddTicks(1), "\"quoted\" \\ / \b\f\n\r\t\u0001", 1, At),
        new VmEvents.RestartRequested(At, "日本語 العربية 🧪 é", Force: true, TimeSpan.MaxValue),
        new VmEvents.RestartRequested(At, "", Force: false, TimeSpan.FromTicks(1)),
        new VmEvents.Failed(At, new VmCause("x", "", "<script>&'\u2028\u2029", "")),
        new VmEvents.BootPrepared(At, 60022, [new Requirement("ssh", "ssh"), new Requirement("probe-0", "über \" 🐧", "a hint")]),
        new VmEvents.BootPrepared(At, 60022, []),
        new CatalogEvents.Registered(At, "", "名前"),
    ];
}
