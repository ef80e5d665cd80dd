using System.Collections.Immutable;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Hypervisors;
using Lima.Drivers.Instances;

namespace Lima.Drivers.Qemu;

/// <summary>Everything that decides QEMU's command line; what had to be found out is already found out.</summary>
public sealed record QemuSpec
{
    /// <summary>What the VM is to be.</summary>
    public required VmSpec Vm { get; init; }

    /// <summary>Who it is.</summary>
    public required VmId Id { get; init; }

    /// <summary>Its files.</summary>
    public required InstanceDirectory Directory { get; init; }

    /// <summary>Absolute path of QEMU.</summary>
    public required string Program { get; init; }

    /// <summary>Arguments that the user put after the program in <c>QEMU_SYSTEM_*</c>; they come first and win.</summary>
    public ImmutableArray<string> UserArguments { get; init; } = [];

    /// <summary>QEMU's version.</summary>
    public required QemuVersion Version { get; init; }

    /// <summary>What runs the guest.</summary>
    public required Accelerator Accelerator { get; init; }

    /// <summary>Port on 127.0.0.1 that leads to the guest's SSH.</summary>
    public required int SshPort { get; init; }

    /// <summary>Hardware address of the guest's network card.</summary>
    public required string MacAddress { get; init; }

    /// <summary>UEFI image; null to start from QEMU's own firmware.</summary>
    public string? Firmware { get; init; }

    /// <summary>Format of the main disk (<c>qcow2</c>, <c>raw</c>); always given, because a guest could make a raw disk look like another format.</summary>
    public required string DiskFormat { get; init; }

    /// <summary>Whether there is a seed to attach.</summary>
    public bool HasSeed { get; init; } = true;

    /// <summary>Kernel for a direct boot; null when the disk boots itself.</summary>
    public DirectBoot? Boot { get; init; }

    /// <summary>CD to boot from when the image is one; null otherwise.</summary>
    public string? BootCd { get; init; }

    /// <summary>Further disks, in the order of their names in the guest (<c>vdb</c>, <c>vdc</c>, …).</summary>
    public ImmutableArray<AttachedDisk> AdditionalDisks { get; init; } = [];

    /// <summary>File that the guest reads as a disk of the serial number <c>lima-containerd</c>; null when there is none.</summary>
    public string? ContainerdArchive { get; init; }

    /// <summary>Sockets of the daemons that serve <see cref="MountsSpec.Directories"/>, in the same order; empty unless the type is virtiofs.</summary>
    public ImmutableArray<string> VirtiofsSockets { get; init; } = [];

    /// <summary>Further networks with the address of their cards, in the order of the guest's cards.</summary>
    public ImmutableArray<AttachedNetwork> Networks { get; init; } = [];

    /// <summary>Control socket of the emulated trusted platform module; null when there is none.</summary>
    public string? TpmSocket { get; init; }
}

/// <summary>A disk that is not the main one.</summary>
/// <param name="Name">Its name among the disks.</param>
/// <param name="Path">Its file.</param>
/// <param name="Format">Format of the file (<c>qcow2</c>, <c>raw</c>).</param>
public sealed record AttachedDisk(string Name, string Path, string Format);

/// <summary>A network reached through a socket.</summary>
/// <param name="Socket">Path of the socket: of a daemon that speaks QEMU's stream protocol, or, with <paramref name="OwnSocket"/>, of a port of a network of ours.</param>
/// <param name="MacAddress">Hardware address of the card.</param>
/// <param name="OwnSocket">Path of the socket at which QEMU takes frames, each a datagram; null for the stream protocol.</param>
public sealed record AttachedNetwork(string Socket, string MacAddress, string? OwnSocket = null);
