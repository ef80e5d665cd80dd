namespace Lima.Domain.Vms;

/// <summary>The sentences that the machine itself gives as reasons.</summary>
internal static class Causes
{
    public static readonly VmCause Requested = new(VmCauses.Requested, "stopping", "stopped on request");

    public static readonly VmCause Cancelled = new(VmCauses.StartCancelled, "starting", "the start was cancelled");

    public static readonly VmCause PoweredOff = new(VmCauses.GuestPowerOff, "running", "the guest switched itself off");

    public static VmCause Deadline(string missing) => new(
        VmCauses.StartDeadline, "waiting for the guest", $"not ready in time: still waiting for {missing}",
        "see the console log serial.log in the instance directory; allow more time with `--timeout`");

    public static VmCause LateBootScripts => new(
        VmCauses.BootScripts, "waiting for the guest", "the boot scripts had not finished in the time allowed",
        "look at /var/log/lima-boot.log in the guest");

    /// <summary>Everything that does not hold, each with why or what to look at.</summary>
    public static VmCause Unmet(VmState state, bool isLate)
    {
        var unmet = Readiness.Unmet(state).Where(r => r.Name != Readiness.BootScripts && (isLate || state.RequirementsFailed.ContainsKey(r.Name))).ToList();
        var told = unmet.Select(r =>
            state.RequirementsFailed.GetValueOrDefault(r.Name) is { Length: > 0 } reason ? $"`{r.Description}` ({reason})" : $"`{r.Description}`");
        var hints = unmet.Select(r => r.Hint).Where(hint => hint.Length > 0).Distinct();
        return new(VmCauses.Requirements, "waiting for the guest", $"not satisfied: {string.Join(", ", told)}", string.Join("; ", hints));
    }

    public static VmCause Lost(string doing, bool rebooted) => rebooted
        ? new(VmCauses.QemuLost, doing, "the workstation was restarted meanwhile", "start it again")
        : new(VmCauses.QemuLost, doing, "QEMU ended while no host was there to see how", "see qemu.log and serial.log in the instance directory, then start it again");

    public static VmCause Panic(string doing) => new(
        VmCauses.GuestPanic, doing, "the guest's kernel panicked", "see the end of serial.log in the instance directory");

    public static VmCause Crash(string doing, string lastLines) => new(
        VmCauses.QemuCrashed, doing,
        lastLines.Length == 0 ? "QEMU ended unexpectedly (killed or crashed)" : $"QEMU ended unexpectedly: {lastLines}",
        "start it again; see qemu.log in the instance directory");

    public static VmCause PowerOffDuringStart => new(
        VmCauses.GuestPowerOff, "starting", "the guest switched itself off before it was ready", "see serial.log in the instance directory");

    public static VmCause FoundAlive(VmIntent intent) => new(
        intent switch
        {
            VmIntent.Editing => VmCauses.EditFailed,
            VmIntent.Cloning => VmCauses.CloneFailed,
            VmIntent.Renaming => VmCauses.RenameFailed,
            _ => VmCauses.ResetFailed,
        },
        "looking for QEMU", "the virtual machine was found running", "stop it, then try again");

    public static VmCause Storage(string reason) => new(
        VmCauses.IoError, "running", $"QEMU halted the guest because its storage failed: {reason}", "free some space, then `limactl resume` it");
}
