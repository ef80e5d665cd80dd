using System.Collections.Immutable;
using Lima.Domain.Networks;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Images;
using Lima.Drivers.Instances;

namespace Lima.Drivers.Hypervisors;

/// <summary>Runs virtual machines. One implementation for each <c>vmType</c>; <see cref="HypervisorFactory"/> finds it.</summary>
public interface IHypervisor
{
    /// <summary>The name in <c>vmType</c>.</summary>
    string VmType { get; }

    /// <summary>Starts the machine in a session of its own, so that it outlives this process, and waits until it answers.</summary>
    /// <exception cref="DriverException">It could not be launched; the cause has QEMU's own last lines.</exception>
    Task<ProcessIdentity> LaunchAsync(LaunchRequest request, CancellationToken cancel);

    /// <summary>
    /// Finds the living process of a VM, whoever launched it: by pid file where that is right, else by looking for its
    /// uuid among all processes. Null when there is none.
    /// </summary>
    ProcessIdentity? Find(VmId id, InstanceDirectory directory);

    /// <summary>Connects to a living machine.</summary>
    /// <exception cref="DriverException">The process is not (or no longer) that VM.</exception>
    Task<IMachine> AttachAsync(VmId id, InstanceDirectory directory, ProcessIdentity process, CancellationToken cancel);

    /// <summary>The cards on networks of ours that a machine with that configuration would be launched with.</summary>
    ImmutableArray<MachineCard> Cards(VmSpec spec, InstanceDirectory directory) => [];
}

/// <summary>A card of a machine on a network of ours.</summary>
/// <param name="Network">The network.</param>
/// <param name="Card">Hardware address of the card.</param>
/// <param name="GuestSocket">Socket file at which the machine takes frames.</param>
public sealed record MachineCard(string Network, Mac Card, string GuestSocket);

/// <summary>All that a launch needs; every file named here exists.</summary>
/// <param name="Id">Identity of the VM (QEMU's <c>-uuid</c>).</param>
/// <param name="Directory">Its files.</param>
/// <param name="Spec">What it is to be.</param>
/// <param name="SshPort">Port on 127.0.0.1 that leads to the guest's port 22.</param>
/// <param name="Boot">Kernel, initrd and command line for a direct boot; null when the disk boots itself.</param>
public sealed record LaunchRequest(VmId Id, InstanceDirectory Directory, VmSpec Spec, int SshPort, DirectBoot? Boot);

/// <summary>Direct kernel boot.</summary>
public sealed record DirectBoot(string Kernel, string? Initrd, string Cmdline);

/// <summary>A living machine. Disposing it lets go of it; the machine goes on.</summary>
public interface IMachine : IAsyncDisposable
{
    /// <summary>The process behind it.</summary>
    ProcessIdentity Process { get; }

    /// <summary>
    /// What the machine says by itself, in order, ending with <see cref="MachineEvent.Exited"/> when the process is gone.
    /// One reader.
    /// </summary>
    IAsyncEnumerable<MachineEvent> Events { get; }

    /// <summary>Its disks.</summary>
    IMachineDisks Disks { get; }

    /// <summary>Its cards on networks of ours, as it was launched with them.</summary>
    ImmutableArray<MachineCard> Cards => [];

    /// <summary>Presses the power button.</summary>
    Task PowerDownAsync(CancellationToken cancel);

    /// <summary>Halts the processors; returns once they are.</summary>
    Task PauseAsync(CancellationToken cancel);

    /// <summary>Lets the processors run; returns once they do.</summary>
    Task ResumeAsync(CancellationToken cancel);

    /// <summary>Whether the machine answers, and how it is. Throws <see cref="DriverException"/> (code <c>qmp-mute</c>) when no answer comes in time.</summary>
    Task<MachineStatus> QueryAsync(CancellationToken cancel);

    /// <summary>Ends the process at once, whatever state it is in. Its end is reported as usual.</summary>
    Task KillAsync(CancellationToken cancel);
}

/// <summary>QEMU's run state as far as it matters here.</summary>
public enum MachineStatus
{
    /// <summary>Processors run.</summary>
    Running,
    /// <summary>Processors are halted on request.</summary>
    Paused,
    /// <summary>Halted by QEMU because the storage failed (for example: disk full).</summary>
    IoError,
    /// <summary>The guest's kernel has panicked.</summary>
    Panicked,
    /// <summary>Shut down; the process is about to end.</summary>
    ShutDown,
    /// <summary>Something else (migrating, debugging).</summary>
    Other,
}

/// <summary>What a machine reports.</summary>
public abstract record MachineEvent
{
    private MachineEvent() { }

    /// <summary>Processors were halted (by anyone).</summary>
    public sealed record Paused : MachineEvent;
    /// <summary>Processors run again.</summary>
    public sealed record Resumed : MachineEvent;
    /// <summary>The guest rebooted.</summary>
    public sealed record Reset : MachineEvent;
    /// <summary>The guest's kernel panicked.</summary>
    public sealed record Panicked : MachineEvent;
    /// <summary>Storage failed and QEMU halted the guest.</summary>
    public sealed record IoError(string Device, string Reason) : MachineEvent;
    /// <summary>The process is gone. Nothing follows.</summary>
    /// <param name="Kind">How it ended.</param>
    /// <param name="LastLines">The end of QEMU's own output, at most 20 lines; empty when it said nothing.</param>
    public sealed record Exited(MachineExit Kind, string LastLines) : MachineEvent;
}

/// <summary>How a machine ended.</summary>
public enum MachineExit
{
    /// <summary>The guest switched itself off (or obeyed the power button).</summary>
    GuestShutdown,
    /// <summary>QEMU was told to quit.</summary>
    Quit,
    /// <summary>The guest panicked and QEMU was set to end then.</summary>
    Panic,
    /// <summary>The process ended without a word: killed or crashed.</summary>
    Crash,
}
