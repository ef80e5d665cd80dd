using System.Collections.Immutable;
using Lima.Domain.Disks;
using Lima.Domain.Mounts;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;
using Lima.Domain.Vms.Messages;

namespace Lima.Domain.Vms;

/// <summary>Everything that is known of one VM, as a fold over its events.</summary>
public sealed record VmState
{
    /// <summary>Most command ids that are remembered; older repetitions are taken as new commands.</summary>
    public const int RememberedCommandsMax = 32;

    private static readonly ImmutableSortedDictionary<string, MountChange> NoMountChanges =
        ImmutableSortedDictionary.Create<string, MountChange>(StringComparer.Ordinal);

    private static readonly ImmutableSortedDictionary<string, string> NoReasons = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Before the first event.</summary>
    public static readonly VmState Unborn = new();

    /// <summary>Name; empty before the first event.</summary>
    public string Name { get; init; } = "";

    /// <summary>Where it is.</summary>
    public VmPhase Phase { get; init; } = VmPhase.Stopped;

    /// <summary>What is pending.</summary>
    public VmIntent Intent { get; init; }

    /// <summary>Why it is in this phase.</summary>
    public VmCause? Cause { get; init; }

    /// <summary>Since when it is in this phase.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>Number of the newest start.</summary>
    public int Attempt { get; init; }

    /// <summary>When the newest start gives up.</summary>
    public DateTimeOffset StartDeadline { get; init; }

    /// <summary>Time that the newest start was allowed; begins anew when a host comes back during it.</summary>
    public TimeSpan StartTimeout { get; init; }

    /// <summary>Time allowed for the start that a pending restart will make.</summary>
    public TimeSpan RestartTimeout { get; init; }

    /// <summary>QEMU, while it lives.</summary>
    public ProcessIdentity? Process { get; init; }

    /// <summary>Port that leads to the guest's SSH server; kept after a stop so that it stays the same. 0 for none.</summary>
    public int SshPort { get; init; }

    /// <summary>What must hold before the VM is Running; empty for one that was found alive.</summary>
    public ImmutableArray<Requirement> Requirements { get; init; } = [];

    /// <summary>Requirements met since the start.</summary>
    public ImmutableHashSet<string> RequirementsMet { get; init; } = [];

    /// <summary>Requirements that nobody waits for any more, with the reason.</summary>
    public ImmutableSortedDictionary<string, string> RequirementsFailed { get; init; } = NoReasons;

    /// <summary>Whether this boot has been timed.</summary>
    public bool IsTimed { get; init; }

    /// <summary>Codes of what was amiss with the boot, until a boot is well; they outlive the stop.</summary>
    public ImmutableSortedSet<string> BootTroubles { get; init; } = [];

    /// <summary>What is not as it should be, by code.</summary>
    public ImmutableSortedDictionary<string, VmCause> Degradations { get; init; } = ImmutableSortedDictionary<string, VmCause>.Empty;

    /// <summary>Set while QEMU is being ended because the start has failed.</summary>
    public VmCause? Failing { get; init; }

    /// <summary>What a pending edit, clone or rename is about; null when none is pending.</summary>
    public VmErrand? Errand { get; init; }

    /// <summary>What users changed about the mounts of the machine that lives now, by mount point.</summary>
    public ImmutableSortedDictionary<string, MountChange> MountChanges { get; init; } = NoMountChanges;

    /// <summary>What users changed about the forwards of the machine that lives now.</summary>
    public LiveRules Forwards { get; init; } = LiveRules.None;

    /// <summary>A configuration with changed forwards that is not written yet; null when there is none.</summary>
    public ConfigurationChange? ForwardsToSave { get; init; }

    /// <summary>A change of the disks that is not finished; null when there is none.</summary>
    public DiskChange? DiskChange { get; init; }

    /// <summary>When the guest last gave back free space; null for never.</summary>
    public DateTimeOffset? TrimmedAt { get; init; }

    /// <summary>Newest accepted commands.</summary>
    public ImmutableList<string> Commands { get; init; } = [];

    /// <summary>True after the last event of all.</summary>
    public bool IsDeleted { get; init; }

    /// <summary>True once the first event has been applied.</summary>
    public bool Exists => Name.Length > 0 && !IsDeleted;

    /// <summary>The state after an event. Total, without clock, randomness or I/O.</summary>
    /// <exception cref="InvalidOperationException">The event cannot follow; the message names both.</exception>
    public VmState Apply(VmEvent e)
    {
        var next = e is VmCommandAccepted accepted ? Remember(accepted.CommandId) : this;
        return e switch
        {
            VmEvents.Created c => next with { Name = c.Name, Since = c.At },
            VmEvents.Renamed r => (Errand is VmErrand.Renaming wanted && wanted.NewName == r.Name ? next.Relieved() : next) with { Name = r.Name },
            VmEvents.StartRequested s => next.Move(VmPhase.Starting, s.At, e) with
            {
                Attempt = s.Attempt, StartDeadline = s.Deadline, StartTimeout = s.Deadline - s.At, Intent = VmIntent.None, Cause = null, Process = null, RequirementsMet = [],
                Requirements = Readiness.Usual, RequirementsFailed = NoReasons, IsTimed = false,
            },
            VmEvents.BootResumed b => next.WithFreshDeadline(b.At),
            VmEvents.BootPrepared p => next with { SshPort = p.SshPort, Requirements = p.Requirements ?? Readiness.Usual },
            // Waiting for an image and for a place among those that boot is not the guest's time.
            VmEvents.QemuLaunched l => next.WithFreshDeadline(l.At) with { Process = l.Process },
            VmEvents.QemuAdopted a => next.Adopted(a),
            VmEvents.RequirementMet r => next with { RequirementsMet = RequirementsMet.Add(r.Requirement), RequirementsFailed = RequirementsFailed.Remove(r.Requirement) },
            VmEvents.RequirementFailed r => next with { RequirementsFailed = RequirementsFailed.SetItem(r.Requirement, r.Reason) },
            VmEvents.BootTimed => next with { IsTimed = true },
            VmEvents.Started s => next.Move(VmPhase.Running, s.At, e),
            VmEvents.StopRequested s => next with { Intent = s.Force ? VmIntent.Killing : VmIntent.Stopping },
            VmEvents.StopEscalated => next with { Intent = Intent == VmIntent.Restarting ? VmIntent.Restarting : VmIntent.Killing },
            VmEvents.RestartRequested r => next with { Intent = VmIntent.Restarting, RestartTimeout = r.Timeout },
            VmEvents.PauseRequested => next with { Intent = VmIntent.Pausing },
            VmEvents.ResumeRequested => next with { Intent = VmIntent.Resuming },
            VmEvents.Paused p => next.Move(VmPhase.Paused, p.At, e) with { Cause = p.Cause, Intent = Without(VmIntent.Pausing) },
            VmEvents.Resumed r => next.Move(VmPhase.Running, r.At, e) with { Cause = null, Intent = Without(VmIntent.Resuming) },
            VmEvents.RequestFailed f => next.Relieved() with { Cause = f.Cause },
            VmEvents.Stopped s => next.Move(VmPhase.Stopped, s.At, e).Ended(s.Cause),
            VmEvents.Failing f => next with { Failing = f.Cause },
            VmEvents.Failed f => next.Move(VmPhase.Error, f.At, e).Ended(f.Cause),
            VmEvents.MountAdded m => next.With(new MountChange(m.MountPoint, m.Location, m.Writable)),
            VmEvents.MountRemoved m => next.With(new MountChange(m.MountPoint, "", Writable: false, IsRemoved: true)),
            VmEvents.ForwardsChanged f => next with { Forwards = Forwards.With(f.Change), ForwardsToSave = f.Save },
            VmEvents.ForwardsSaved => next with { ForwardsToSave = null },
            VmEvents.ForwardsNotSaved f => next with { ForwardsToSave = null, Cause = f.Cause },
            VmEvents.Degraded d => next with
            {
                Degradations = Degradations.SetItem(d.Cause.Code, d.Cause), BootTroubles = IsOfBoot(d.Cause.Code) ? BootTroubles.Add(d.Cause.Code) : BootTroubles,
            },
            VmEvents.Healed h => next with { Degradations = Degradations.Remove(h.Code), BootTroubles = BootTroubles.Remove(h.Code) },
            VmEvents.GuestRebooted => next with { IsTimed = false },
            VmEvents.DeleteRequested => next with { Intent = VmIntent.Deleting },
            VmEvents.Deleted => next with { IsDeleted = true, Intent = VmIntent.None },
            VmEvents.EditRequested r => next with { Intent = VmIntent.Editing, Errand = new VmErrand.Editing(r.Yaml) },
            VmEvents.CloneRequested r => next with { Intent = VmIntent.Cloning, Errand = new VmErrand.Cloning(r.CloneId, r.CloneName) },
            VmEvents.RenameRequested r => next with { Intent = VmIntent.Renaming, Errand = new VmErrand.Renaming(r.NewName) },
            VmEvents.Edited or VmEvents.Cloned => next.Relieved(),
            VmEvents.DiskChangeRequested r => next with { DiskChange = r.Change },
            VmEvents.DiskChanged => next with { DiskChange = null },
            VmEvents.DiskChangeFailed f => next with { DiskChange = null, Cause = f.Cause },
            VmEvents.Trimmed t => next with { TrimmedAt = t.At },
            VmEvents.FactoryResetRequested => next with { Intent = VmIntent.Resetting },
            VmEvents.FactoryReset f => (next.Phase == VmPhase.Error ? next.Move(VmPhase.Stopped, f.At, e) : next).Relieved() with { Cause = null, SshPort = 0 },
            _ => throw new InvalidOperationException($"event {e.GetType().Name} is unknown to this version"),
        };
    }

    private VmState Adopted(VmEvents.QemuAdopted e)
    {
        var known = WithFreshDeadline(e.At) with { Process = e.Process, SshPort = e.SshPort == 0 ? SshPort : e.SshPort };
        // The journal knew nothing of a living VM (it was lost and rebuilt): take it up where it is.
        return Phase is VmPhase.Stopped or VmPhase.Error ? known.Move(VmPhase.Running, e.At, e) with { Cause = null, Requirements = [] } : known;
    }

    private VmState WithFreshDeadline(DateTimeOffset now) => Phase == VmPhase.Starting
        ? this with { StartDeadline = StartTimeout < DateTimeOffset.MaxValue - now ? now + StartTimeout : DateTimeOffset.MaxValue }
        : this;

    private VmState Ended(VmCause cause) => this with
    {
        Cause = cause,
        Intent = VmMachine.OutlivesQemu(Intent) ? Intent : VmIntent.None,
        Process = null,
        RequirementsMet = [],
        RequirementsFailed = NoReasons,
        Degradations = ImmutableSortedDictionary<string, VmCause>.Empty,
        Failing = null,
        MountChanges = NoMountChanges,
        Forwards = LiveRules.None,
    };

    private VmState With(MountChange change) => this with { MountChanges = MountChanges.SetItem(change.MountPoint, change) };

    private static bool IsOfBoot(string code) => code is VmCauses.BootScripts or VmCauses.Requirements;

    private VmState Relieved() => this with { Intent = VmIntent.None, Errand = null };

    private VmIntent Without(VmIntent reached) => Intent == reached ? VmIntent.None : Intent;

    private VmState Remember(string commandId)
    {
        if (commandId.Length == 0) return this;
        var commands = Commands.Add(commandId);
        return this with { Commands = commands.Count > RememberedCommandsMax ? commands.RemoveAt(0) : commands };
    }

    private VmState Move(VmPhase to, DateTimeOffset at, VmEvent e) => MayMove(Phase, to)
        ? this with { Phase = to, Since = to == Phase ? Since : at }
        : throw new InvalidOperationException($"{e.GetType().Name} cannot move a VM from {Phase} to {to}");

    /// <summary>
    /// The moves there are:
    /// <code>
    /// Stopped ─▶ Starting ─▶ Running ◀─▶ Paused
    ///    ▲          │  │        │  │        │
    ///    ├──────────┘  │        │  │        │   (QEMU gone, in order)
    ///    ├─────────────┼────────┘  ├────────┤
    ///    │             ▼           ▼        │   (QEMU gone, not in order)
    ///    └────────── Error ◀────────────────┘
    /// </code>
    /// From Error a start leads to Starting. A VM that QEMU halts during its start is Paused; one that is found alive though
    /// it was thought to be Stopped or in Error is Running. Halting what is halted, and resuming what runs, moves nothing.
    /// </summary>
    public static bool MayMove(VmPhase from, VmPhase to) => (from, to) switch
    {
        (VmPhase.Stopped, VmPhase.Starting or VmPhase.Running) => true,
        (VmPhase.Starting, VmPhase.Running or VmPhase.Paused or VmPhase.Stopped or VmPhase.Error) => true,
        (VmPhase.Running, VmPhase.Running or VmPhase.Paused or VmPhase.Stopped or VmPhase.Error) => true,
        (VmPhase.Paused, VmPhase.Paused or VmPhase.Running or VmPhase.Stopped or VmPhase.Error) => true,
        (VmPhase.Error, VmPhase.Starting or VmPhase.Running or VmPhase.Stopped) => true,
        _ => false,
    };
}
