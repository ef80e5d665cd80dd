using System.Collections.Immutable;
using Lima.Domain.Disks;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;

namespace Lima.Domain.Vms.Messages;

/// <summary>
/// What has happened to one VM, as stored for ever. Fields are only ever added, with defaults; an event's meaning never
/// changes. The manifests are listed in <c>docs/vm-events.md</c>.
/// </summary>
/// <param name="At">When it was decided.</param>
public abstract record VmEvent(DateTimeOffset At);

/// <summary>An event that stores the acceptance of a command.</summary>
/// <param name="At">When it was decided.</param>
/// <param name="CommandId">The command; a repetition of it changes nothing.</param>
public abstract record VmCommandAccepted(DateTimeOffset At, string CommandId) : VmEvent(At);

/// <summary>The events there are.</summary>
public static class VmEvents
{
    /// <summary>The VM exists.</summary>
    public sealed record Created(DateTimeOffset At, string Name, string Origin) : VmEvent(At);
    /// <summary>It is called otherwise.</summary>
    public sealed record Renamed(DateTimeOffset At, string Name) : VmEvent(At);
    /// <summary>A start was accepted.</summary>
    public sealed record StartRequested(DateTimeOffset At, string CommandId, int Attempt, DateTimeOffset Deadline) : VmCommandAccepted(At, CommandId);
    /// <summary>The host came back during a start that had not launched QEMU yet, and goes on with it.</summary>
    public sealed record BootResumed(DateTimeOffset At) : VmEvent(At);
    /// <summary>
    /// Image, disk, seed and keys are in place; the SSH port is chosen. <paramref name="Requirements"/> is what must hold before
    /// the VM is Running; null means <see cref="Readiness.Usual"/>.
    /// </summary>
    public sealed record BootPrepared(DateTimeOffset At, int SshPort, ImmutableArray<Requirement>? Requirements = null) : VmEvent(At)
    {
        /// <summary>By what it holds.</summary>
        public bool Equals(BootPrepared? other) =>
            other is not null && At == other.At && SshPort == other.SshPort && (Requirements ?? []).SequenceEqual(other.Requirements ?? []);

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(At, SshPort);
    }

    /// <summary>QEMU lives.</summary>
    public sealed record QemuLaunched(DateTimeOffset At, ProcessIdentity Process) : VmEvent(At);
    /// <summary>The host came back and found QEMU alive. <paramref name="SshPort"/> is 0 when it is the port known before.</summary>
    public sealed record QemuAdopted(DateTimeOffset At, ProcessIdentity Process, int SshPort = 0) : VmEvent(At);
    /// <summary>A requirement of readiness holds.</summary>
    public sealed record RequirementMet(DateTimeOffset At, string Requirement) : VmEvent(At);
    /// <summary>A requirement does not hold and will not by waiting.</summary>
    public sealed record RequirementFailed(DateTimeOffset At, string Requirement, string Reason) : VmEvent(At);

    /// <summary>
    /// How the guest's boot went: its <paramref name="Phases"/>, and the <paramref name="Seconds"/> from the start of its kernel
    /// to the end of its boot scripts.
    /// </summary>
    public sealed record BootTimed(DateTimeOffset At, double Seconds, ImmutableArray<BootPhase> Phases) : VmEvent(At)
    {
        /// <summary>By what it holds.</summary>
        public bool Equals(BootTimed? other) =>
            other is not null && At == other.At && Seconds.Equals(other.Seconds) && Phases.SequenceEqual(other.Phases);

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(At, Seconds, Phases.Length);
    }

    /// <summary>The VM is ready.</summary>
    public sealed record Started(DateTimeOffset At) : VmEvent(At);
    /// <summary>A stop was accepted.</summary>
    public sealed record StopRequested(DateTimeOffset At, string CommandId, bool Force) : VmCommandAccepted(At, CommandId);
    /// <summary>The guest did not obey in time; QEMU is ended.</summary>
    public sealed record StopEscalated(DateTimeOffset At) : VmEvent(At);
    /// <summary>A restart was accepted.</summary>
    public sealed record RestartRequested(DateTimeOffset At, string CommandId, bool Force, TimeSpan Timeout) : VmCommandAccepted(At, CommandId);
    /// <summary>A pause was accepted.</summary>
    public sealed record PauseRequested(DateTimeOffset At, string CommandId) : VmCommandAccepted(At, CommandId);
    /// <summary>The processors are halted; <paramref name="Cause"/> says why when nobody asked.</summary>
    public sealed record Paused(DateTimeOffset At, VmCause? Cause = null) : VmEvent(At);
    /// <summary>A resume was accepted.</summary>
    public sealed record ResumeRequested(DateTimeOffset At, string CommandId) : VmCommandAccepted(At, CommandId);
    /// <summary>The processors run again.</summary>
    public sealed record Resumed(DateTimeOffset At) : VmEvent(At);
    /// <summary>What was asked for could not be done; the VM stays as it is.</summary>
    public sealed record RequestFailed(DateTimeOffset At, VmCause Cause) : VmEvent(At);
    /// <summary>QEMU is gone and that is in order.</summary>
    public sealed record Stopped(DateTimeOffset At, VmCause Cause) : VmEvent(At);
    /// <summary>The start has failed; QEMU is being ended.</summary>
    public sealed record Failing(DateTimeOffset At, VmCause Cause) : VmEvent(At);
    /// <summary>QEMU is gone and that is not in order.</summary>
    public sealed record Failed(DateTimeOffset At, VmCause Cause) : VmEvent(At);
    /// <summary>Something is not as it should be, though the VM runs.</summary>
    public sealed record Degraded(DateTimeOffset At, VmCause Cause) : VmEvent(At);
    /// <summary>That is well again.</summary>
    public sealed record Healed(DateTimeOffset At, string Code) : VmEvent(At);
    /// <summary>The guest rebooted by itself.</summary>
    public sealed record GuestRebooted(DateTimeOffset At) : VmEvent(At);
    /// <summary>A deletion was accepted.</summary>
    public sealed record DeleteRequested(DateTimeOffset At, string CommandId, bool Force) : VmCommandAccepted(At, CommandId);
    /// <summary>Another configuration was accepted: <paramref name="Yaml"/> is the whole new text of <c>lima.yaml</c>.</summary>
    public sealed record EditRequested(DateTimeOffset At, string CommandId, string Yaml) : VmCommandAccepted(At, CommandId);
    /// <summary>It is written.</summary>
    public sealed record Edited(DateTimeOffset At) : VmEvent(At);
    /// <summary>A copy was accepted.</summary>
    public sealed record CloneRequested(DateTimeOffset At, string CommandId, string CloneId, string CloneName) : VmCommandAccepted(At, CommandId);
    /// <summary>The copy is there.</summary>
    public sealed record Cloned(DateTimeOffset At) : VmEvent(At);
    /// <summary>Another name was accepted; <see cref="Renamed"/> says when it has it.</summary>
    public sealed record RenameRequested(DateTimeOffset At, string CommandId, string NewName) : VmCommandAccepted(At, CommandId);
    /// <summary>A factory reset was accepted.</summary>
    public sealed record FactoryResetRequested(DateTimeOffset At, string CommandId) : VmCommandAccepted(At, CommandId);
    /// <summary>Nothing but the configuration is left.</summary>
    public sealed record FactoryReset(DateTimeOffset At) : VmEvent(At);
    /// <summary>A directory of the host was added to the running machine.</summary>
    public sealed record MountAdded(DateTimeOffset At, string CommandId, string Location, string MountPoint, bool Writable) : VmCommandAccepted(At, CommandId);
    /// <summary>A directory of the host was taken away from the running machine.</summary>
    public sealed record MountRemoved(DateTimeOffset At, string CommandId, string MountPoint) : VmCommandAccepted(At, CommandId);
    /// <summary>Rules for forwards of the running machine came and went.</summary>
    public sealed record ForwardsChanged(DateTimeOffset At, string CommandId, RuleChange Change, ConfigurationChange? Save = null) : VmCommandAccepted(At, CommandId);
    /// <summary>The configuration has them too.</summary>
    public sealed record ForwardsSaved(DateTimeOffset At) : VmEvent(At);
    /// <summary>The configuration could not be written; it is as it was.</summary>
    public sealed record ForwardsNotSaved(DateTimeOffset At, VmCause Cause) : VmEvent(At);
    /// <summary>A change of its disks was accepted.</summary>
    public sealed record DiskChangeRequested(DateTimeOffset At, string CommandId, DiskChange Change) : VmCommandAccepted(At, CommandId);
    /// <summary>It is done.</summary>
    public sealed record DiskChanged(DateTimeOffset At) : VmEvent(At);
    /// <summary>It could not be done, or not now; the cause says which.</summary>
    public sealed record DiskChangeFailed(DateTimeOffset At, VmCause Cause) : VmEvent(At);
    /// <summary>The guest gave back what its file systems do not use: <paramref name="Bytes"/> as it says.</summary>
    public sealed record Trimmed(DateTimeOffset At, long Bytes) : VmEvent(At);
    /// <summary>The VM is no more.</summary>
    public sealed record Deleted(DateTimeOffset At) : VmEvent(At);
}
