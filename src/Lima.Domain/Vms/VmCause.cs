namespace Lima.Domain.Vms;

/// <summary>Why a VM is in the state it is in, for a person to act on.</summary>
/// <param name="Code">Stable word for programs, e.g. <c>image-digest-mismatch</c>; see <see cref="VmCauses"/>.</param>
/// <param name="Step">What was being done (<c>preparing the disk</c>).</param>
/// <param name="Message">What happened, one sentence.</param>
/// <param name="Hint">What to do next; empty when there is nothing to do.</param>
public sealed record VmCause(string Code, string Step, string Message, string Hint = "")
{
    /// <inheritdoc/>
    public override string ToString() => Hint.Length == 0 ? $"{Step}: {Message}" : $"{Step}: {Message} ({Hint})";
}

/// <summary>The codes that <see cref="VmCause.Code"/> may carry.</summary>
public static class VmCauses
{
    /// <summary>The guest switched itself off.</summary>
    public const string GuestPowerOff = "guest-power-off";
    /// <summary>A user asked for the stop.</summary>
    public const string Requested = "requested";
    /// <summary>The guest's kernel panicked.</summary>
    public const string GuestPanic = "guest-panic";
    /// <summary>QEMU ended without the guest having been shut down.</summary>
    public const string QemuCrashed = "qemu-crashed";
    /// <summary>QEMU was gone when the host came back.</summary>
    public const string QemuLost = "qemu-lost";
    /// <summary>QEMU could not be launched.</summary>
    public const string LaunchFailed = "launch-failed";
    /// <summary>Something before QEMU's launch failed: configuration, image, disk, keys.</summary>
    public const string PrepareFailed = "prepare-failed";
    /// <summary>The guest was not ready within the time allowed.</summary>
    public const string StartDeadline = "start-deadline";
    /// <summary>The user cancelled the start.</summary>
    public const string StartCancelled = "start-cancelled";
    /// <summary>Removing the instance failed.</summary>
    public const string RemoveFailed = "remove-failed";
    /// <summary>The configuration could not be written.</summary>
    public const string EditFailed = "edit-failed";
    /// <summary>The instance could not be copied.</summary>
    public const string CloneFailed = "clone-failed";
    /// <summary>The instance could not be given another name.</summary>
    public const string RenameFailed = "rename-failed";
    /// <summary>The instance could not be reset.</summary>
    public const string ResetFailed = "reset-failed";
    /// <summary>QEMU does not answer on its control socket.</summary>
    public const string QmpMute = "qmp-mute";
    /// <summary>The SSH session is down.</summary>
    public const string SshDown = "ssh-down";
    /// <summary>A directory of the host is not in the guest.</summary>
    public const string Mounts = "mounts";
    /// <summary>Forwards of ports or sockets are not in effect.</summary>
    public const string PortForwards = "port-forwards";
    /// <summary>The host cannot look up names for the guest.</summary>
    public const string HostResolver = "host-resolver";
    /// <summary>A boot script failed in the guest.</summary>
    public const string BootScripts = "boot-scripts";
    /// <summary>Something that a running guest needs does not hold.</summary>
    public const string Requirements = "requirements";
    /// <summary>A disk could not be changed while the machine runs.</summary>
    public const string DiskChangeFailed = "disk-change-failed";
    /// <summary>Rules for forwards could not be written into the configuration.</summary>
    public const string ForwardsNotSaved = "forwards-not-saved";
    /// <summary>QEMU refused to pause or resume.</summary>
    public const string QmpRefused = "qmp-refused";
    /// <summary>QEMU paused the guest by itself (for example because the disk is full).</summary>
    public const string IoError = "io-error";
}
