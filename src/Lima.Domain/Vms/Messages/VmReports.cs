using System.Collections.Immutable;
using Lima.Domain.Disks;
using Lima.Domain.Specs;

namespace Lima.Domain.Vms.Messages;

/// <summary>What the machinery has seen: input to the machine like a command, from a child instead of a user.</summary>
public abstract record VmReport;

/// <summary>
/// The reports there are. Those that come from work which may outlive its purpose carry the attempt that it was done
/// for; a report of an earlier attempt is ignored.
/// </summary>
public static class VmReports
{
    /// <summary>The instance directory holds a VM that is not known yet.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Origin">How it came: one of <see cref="VmOrigins"/>.</param>
    public sealed record Registered(string Name, string Origin) : VmReport;

    /// <summary>Its directory now has another name.</summary>
    public sealed record Renamed(string Name) : VmReport;

    /// <summary>Everything QEMU needs is in place.</summary>
    /// <param name="Attempt">The start that it was done for.</param>
    /// <param name="SshPort">Port that leads to the guest's SSH server.</param>
    /// <param name="Requirements">What must hold before the VM is Running; null means <see cref="Readiness.Usual"/>.</param>
    public sealed record Prepared(int Attempt, int SshPort, ImmutableArray<Requirement>? Requirements = null) : VmReport;

    /// <summary>Preparing failed or was cancelled; no QEMU exists.</summary>
    public sealed record PrepareFailed(int Attempt, VmCause Cause) : VmReport;

    /// <summary>QEMU lives.</summary>
    public sealed record Launched(int Attempt, ProcessIdentity Process) : VmReport;

    /// <summary>QEMU could not be launched, or the launch was cancelled; no QEMU exists.</summary>
    public sealed record LaunchFailed(int Attempt, VmCause Cause) : VmReport;

    /// <summary>A living QEMU of this VM was found after the host came back.</summary>
    /// <param name="Process">Which.</param>
    /// <param name="Paused">Whether its processors are halted.</param>
    /// <param name="SshPort">Port that leads to its SSH server, where that was found out; 0 keeps the one the journal knows.</param>
    public sealed record Adopted(ProcessIdentity Process, bool Paused, int SshPort = 0) : VmReport;

    /// <summary>No living QEMU of this VM was found after the host came back.</summary>
    /// <param name="Rebooted">Whether the workstation was rebooted since.</param>
    public sealed record Lost(bool Rebooted) : VmReport;

    /// <summary>QEMU ended.</summary>
    /// <param name="Kind">How.</param>
    /// <param name="LastLines">The last of its own output.</param>
    public sealed record Exited(ExitKind Kind, string LastLines) : VmReport;

    /// <summary>The processors are halted.</summary>
    public sealed record Paused : VmReport;

    /// <summary>QEMU halted the processors because storage failed.</summary>
    public sealed record StorageFailed(string Reason) : VmReport;

    /// <summary>The processors run.</summary>
    public sealed record Resumed : VmReport;

    /// <summary>QEMU would not carry out what the pending intent needs.</summary>
    public sealed record Refused(VmCause Cause) : VmReport;

    /// <summary>The guest rebooted by itself.</summary>
    public sealed record GuestRebooted : VmReport;

    /// <summary>One of <see cref="Readiness"/>'s requirements holds.</summary>
    public sealed record RequirementMet(string Requirement) : VmReport;

    /// <summary>One of them does not hold and will not by waiting.</summary>
    /// <param name="Requirement">Which.</param>
    /// <param name="Reason">Why, for people.</param>
    public sealed record RequirementFailed(string Requirement, string Reason) : VmReport;

    /// <summary>The boot scripts are done; this is how the boot went.</summary>
    public sealed record BootTimed(double Seconds, ImmutableArray<BootPhase> Phases) : VmReport;

    /// <summary>Something is not as it should be, though the VM runs.</summary>
    public sealed record Degraded(VmCause Cause) : VmReport;

    /// <summary>What <see cref="Degraded"/> reported under this code is well again.</summary>
    public sealed record Healed(string Code) : VmReport;

    /// <summary>The time for becoming ready is over.</summary>
    public sealed record StartDeadlinePassed(int Attempt) : VmReport;

    /// <summary>The guest did not shut down in the time allowed.</summary>
    public sealed record StopDeadlinePassed(int Attempt) : VmReport;

    /// <summary>The instance directory is gone.</summary>
    public sealed record Removed : VmReport;

    /// <summary>The instance directory could not be removed.</summary>
    public sealed record RemoveFailed(VmCause Cause) : VmReport;

    /// <summary>The new configuration is written.</summary>
    public sealed record Edited : VmReport;

    /// <summary>The copy is there.</summary>
    /// <param name="CloneId">Which copy.</param>
    public sealed record Cloned(string CloneId) : VmReport;

    /// <summary>Nothing but the configuration is left.</summary>
    public sealed record FactoryReset : VmReport;

    /// <summary>The configuration has the rules for forwards.</summary>
    public sealed record ForwardsSaved(ConfigurationChange Change) : VmReport;

    /// <summary>The configuration could not be written; it is as it was.</summary>
    public sealed record ForwardsNotSaved(ConfigurationChange Change, VmCause Cause) : VmReport;

    /// <summary>The disks are as was asked for.</summary>
    public sealed record DiskChanged(DiskChange Change) : VmReport;

    /// <summary>The disks could not be changed, or not now.</summary>
    public sealed record DiskChangeFailed(DiskChange Change, VmCause Cause) : VmReport;

    /// <summary>The guest has given back free space.</summary>
    /// <param name="Bytes">How much, as the guest says.</param>
    public sealed record Trimmed(long Bytes) : VmReport;

    /// <summary>What was to be done to the files of the instance could not be done; they are as they were.</summary>
    /// <param name="Intent">Which work failed.</param>
    /// <param name="Cause">Why.</param>
    public sealed record ErrandFailed(VmIntent Intent, VmCause Cause) : VmReport;
}

/// <summary>How a VM came to be known.</summary>
public static class VmOrigins
{
    /// <summary>A user created it here.</summary>
    public const string Created = "created";
    /// <summary>Its directory was found: made by Lima, by hand, or known to a journal that was lost.</summary>
    public const string Found = "found";
    /// <summary>It is a copy of another one.</summary>
    public const string Cloned = "cloned";
}

/// <summary>How QEMU ended.</summary>
public enum ExitKind
{
    /// <summary>The guest switched itself off or obeyed the power button.</summary>
    GuestShutdown,
    /// <summary>QEMU was told to quit.</summary>
    Quit,
    /// <summary>The guest's kernel panicked.</summary>
    Panic,
    /// <summary>It ended without a word: killed or crashed.</summary>
    Crash,
}
