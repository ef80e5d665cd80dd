namespace Lima.Domain.Vms;

/// <summary>
/// Which process, beyond doubt. A bare number from a file is never believed: numbers are reused after an exit and after
/// a reboot, so the kernel's start time and boot id must agree, and the process must carry the VM's uuid in its arguments.
/// </summary>
/// <param name="Pid">Process number.</param>
/// <param name="StartTicks">Start time in clock ticks since boot (field 22 of <c>/proc/PID/stat</c>).</param>
/// <param name="BootId">The kernel's boot id (<c>/proc/sys/kernel/random/boot_id</c>).</param>
public sealed record ProcessIdentity(int Pid, long StartTicks, string BootId);
