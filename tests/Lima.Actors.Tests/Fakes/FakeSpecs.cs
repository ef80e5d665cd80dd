using System.Collections.Immutable;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Instances;

namespace Lima.Actors.Tests.Fakes;

/// <summary>Every instance has the same configuration.</summary>
internal sealed class FakeSpecs : IVmSpecSource
{
    public static readonly VmSpec Spec = new()
    {
        Arch = "x86_64",
        Cpus = 1,
        MemoryBytes = 1L << 30,
        DiskBytes = 10L << 30,
        Images = [],
        User = new UserSpec("user", "", "/home/user.linux", "/bin/bash", 1000),
    };

    /// <summary>What every instance mounts.</summary>
    public MountsSpec Mounts { get; set; } = new();

    /// <summary>What is loaded, with those mounts and forwards.</summary>
    public VmSpec Loaded { get; set; } = Spec;

    /// <summary>Rules for forwards.</summary>
    public ImmutableArray<PortForwardSpec> PortForwards { get; set; } = [];

    public VmSpec Load(VmId id, InstanceDirectory directory) => Loaded with { Mounts = Mounts, PortForwards = PortForwards };
}
