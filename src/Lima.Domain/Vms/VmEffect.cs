using Lima.Domain.Disks;
using Lima.Domain.Specs;

namespace Lima.Domain.Vms;

/// <summary>What is to be done in the world once an event is stored. Data, so that replay does nothing and tests can read it.</summary>
public abstract record VmEffect
{
    private VmEffect() { }

    /// <summary>Put image, disk, seed and keys in place; answer with Prepared or PrepareFailed.</summary>
    /// <param name="Attempt">Which start this is for.</param>
    /// <param name="SshPort">Port used last time, to be kept if it is free; 0 for none.</param>
    public sealed record PrepareBoot(int Attempt, int SshPort) : VmEffect;

    /// <summary>Launch QEMU; answer with Launched or LaunchFailed.</summary>
    public sealed record LaunchQemu(int Attempt, int SshPort) : VmEffect;

    /// <summary>Give up preparing or launching; the answer comes all the same, saying what there is.</summary>
    public sealed record CancelBoot : VmEffect;

    /// <summary>
    /// Look for a living QEMU of this VM; answer with Adopted or Lost. Until the answer is decided no command may be: a
    /// start that does not know of a living QEMU would work on its files.
    /// </summary>
    public sealed record VerifyQemu(ProcessIdentity? Known) : VmEffect;

    /// <summary>Watch QEMU: its exit, its events, whether it answers.</summary>
    public sealed record WatchQemu(ProcessIdentity Process) : VmEffect;

    /// <summary>Watch the guest come up and report each requirement that is met.</summary>
    /// <param name="SshPort">Port that leads to its SSH server.</param>
    /// <param name="Launched">When QEMU was launched, if that was now; null when the boot may have gone on for a while.</param>
    public sealed record WatchReadiness(int SshPort, DateTimeOffset? Launched = null) : VmEffect;

    /// <summary>Keep an SSH session and report when it breaks and heals.</summary>
    public sealed record OpenSsh(int SshPort) : VmEffect;

    /// <summary>Let go of the SSH session.</summary>
    public sealed record CloseSsh : VmEffect;

    /// <summary>Press the power button.</summary>
    public sealed record PowerDown : VmEffect;

    /// <summary>End QEMU at once.</summary>
    public sealed record KillQemu : VmEffect;

    /// <summary>Halt the processors.</summary>
    public sealed record PauseQemu : VmEffect;

    /// <summary>Let the processors run.</summary>
    public sealed record ResumeQemu : VmEffect;

    /// <summary>Report StartDeadlinePassed at that time.</summary>
    public sealed record ArmStartDeadline(int Attempt, DateTimeOffset At) : VmEffect;

    /// <summary>Report StopDeadlinePassed when the time for an orderly shutdown is over.</summary>
    public sealed record ArmStopDeadline(int Attempt) : VmEffect;

    /// <summary>Forget all deadlines.</summary>
    public sealed record CancelDeadlines : VmEffect;

    /// <summary>QEMU is gone: stop the children and remove what only a living VM needs.</summary>
    public sealed record CleanUp : VmEffect;

    /// <summary>Remove the instance directory; answer with Removed or RemoveFailed.</summary>
    public sealed record RemoveInstance : VmEffect;

    /// <summary>Bring the guest's mounts to what is wanted now.</summary>
    public sealed record ChangeMounts : VmEffect;

    /// <summary>Bring the forwards to what is wanted now.</summary>
    public sealed record ChangeForwards : VmEffect;

    /// <summary>Write the rules for forwards into <c>lima.yaml</c>; answer with ForwardsSaved or ForwardsNotSaved. What is written already is what was wanted.</summary>
    public sealed record SaveForwards(ConfigurationChange Change) : VmEffect;

    /// <summary>Write <c>lima.yaml</c>; answer with Edited or ErrandFailed.</summary>
    public sealed record WriteConfiguration(string Yaml) : VmEffect;

    /// <summary>Copy the instance; answer with Cloned or ErrandFailed. A copy of that identity that is there already is what was wanted.</summary>
    public sealed record CloneInstance(string CloneId, string CloneName) : VmEffect;

    /// <summary>Rename the instance directory; answer with Renamed or ErrandFailed. One that has the new name already is what was wanted.</summary>
    public sealed record RenameInstance(string NewName) : VmEffect;

    /// <summary>Change the disks; answer with DiskChanged or DiskChangeFailed. What is done already is what was wanted.</summary>
    public sealed record ChangeDisk(DiskChange Change) : VmEffect;

    /// <summary>Remove all but the configuration; answer with FactoryReset or ErrandFailed.</summary>
    public sealed record ResetInstance : VmEffect;
}
