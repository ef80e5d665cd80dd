using Akka.Actor;
using Lima.Actors.Networks;
using Lima.Actors.PortForwarding;
using Lima.Actors.Settings;
using Lima.Drivers.AfterBoot;
using Lima.Drivers.Disks;
using Lima.Drivers.Hypervisors;
using Lima.Drivers.Instances;
using Lima.Drivers.Mounts;
using Lima.Drivers.Mounts.Changes;
using Lima.Drivers.Names;
using Lima.Drivers.PortForwarding;
using Lima.Drivers.Progress;
using Lima.Drivers.Ssh;

namespace Lima.Actors.Vms;

/// <summary>The drivers and settings that VM actors use; the host picks the implementations.</summary>
public sealed record VmServices(
    IInstanceStore Store,
    IInstancePreparer Preparer,
    HypervisorFactory Hypervisors,
    IGuestProgress Progress,
    ISshConnector Ssh,
    IVmSpecSource Specs,
    LimaActorSettings Settings,
    FailPoints FailPoints,
    TimeProvider Time)
{
    /// <summary>Work on the files of instances that are down.</summary>
    public required IInstanceFiles Files { get; init; }

    /// <summary>Work on the disks of instances that run.</summary>
    public required ILiveDisks Disks { get; init; }

    /// <summary>The ways in which directories of the host reach a guest.</summary>
    public IReadOnlyList<IMountTransport> Mounts { get; init; } = [];

    /// <summary>Tells guests of changes on the host; null where that is not wanted at all.</summary>
    public IChangeForwarding? Changes { get; init; }
    /// <summary>Forwards of ports and sockets.</summary>
    public required IPortForwarding Ports { get; init; }

    /// <summary>The forwards of all VMs, for readers.</summary>
    public PortForwardModel Forwards { get; init; } = new();

    /// <summary>The VMs' own addresses on the host; null where they have none.</summary>
    public VmAddresses? Addresses { get; init; }

    /// <summary>The name servers that guests have at the host.</summary>
    public required INameServers Names { get; init; }

    /// <summary>What networks of ours are made with; null where there are none.</summary>
    public NetworkServices? Networks { get; init; }

    /// <summary>Keeps them; nobody where there are none.</summary>
    internal IActorRef NetworkKeeper { get; init; } = ActorRefs.Nobody;

    /// <summary>What the host does once a guest has booted.</summary>
    public required IAfterBoot AfterBoot { get; init; }

    /// <summary>Boots, and work on files, that are under way, whichever actor began them.</summary>
    internal Qemu.BootWork Boots { get; } = new();
}
