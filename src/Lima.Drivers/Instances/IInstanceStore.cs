using System.Collections.Immutable;
using Lima.Domain.Catalog;
using Lima.Domain.Specs;
using Lima.Domain.Vms;

namespace Lima.Drivers.Instances;

/// <summary>The instance directories of a home.</summary>
public interface IInstanceStore
{
    /// <summary>The home.</summary>
    LimaHome Home { get; }

    /// <summary>All instance directories; those without an identity (made by Lima or copied) are given one.</summary>
    IReadOnlyList<FoundInstance> Scan();

    /// <summary>Directories that the newest <see cref="Scan"/> left out because they cannot be used, sorted by name.</summary>
    IReadOnlyList<UnusableInstance> Unusable { get; }

    /// <summary>Makes a directory with its configuration and identity, all at once or not at all.</summary>
    /// <exception cref="DriverException">It exists, or cannot be made.</exception>
    void Create(VmId id, VmName name, string yaml);

    /// <summary>Removes a directory and all in it. One that is gone already is no error.</summary>
    /// <exception cref="DriverException">It is protected, or cannot be removed.</exception>
    void Remove(VmName name);

    /// <summary>Removes what only a living VM needs: sockets and pid files.</summary>
    void CleanUp(VmName name);
}

/// <summary>A directory that bears an instance's name and cannot be one.</summary>
/// <param name="Directory">Where it is.</param>
/// <param name="Problem">Why not, in words for users.</param>
public sealed record UnusableInstance(InstanceDirectory Directory, string Problem);

/// <summary>Reads the configuration of an instance.</summary>
public interface IVmSpecSource
{
    /// <summary>The configuration, filled in and checked.</summary>
    /// <exception cref="DriverException">It cannot be read; the message has every problem with its line.</exception>
    VmSpec Load(VmId id, InstanceDirectory directory);
}

/// <summary>Brings everything in place that a launch needs.</summary>
public interface IInstancePreparer
{
    /// <summary>
    /// Configuration, image, disk, kernel, seed, keys, <c>ssh.config</c>. What is there already is kept; running it twice is harmless.
    /// </summary>
    /// <param name="id">Identity of the VM.</param>
    /// <param name="directory">Its files.</param>
    /// <param name="sshPort">Port used last time; kept when it is still free. 0 for none.</param>
    /// <param name="progress">Told about steps that take time.</param>
    /// <param name="cancel">Ends it; nothing half-made stays.</param>
    /// <exception cref="DriverException">Something could not be had; the cause says what and what to do.</exception>
    Task<PreparedInstance> PrepareAsync(
        VmId id, InstanceDirectory directory, int sshPort, IProgress<StepProgress> progress, CancellationToken cancel);
}

/// <summary>What came of preparing.</summary>
/// <param name="Launch">All that the hypervisor needs.</param>
/// <param name="Requirements">What must hold before the VM is Running; null means those of every guest.</param>
public sealed record PreparedInstance(Hypervisors.LaunchRequest Launch, ImmutableArray<Requirement>? Requirements = null);
