using System.Collections.Concurrent;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers;
using Lima.Drivers.Instances;
using Lima.Drivers.Names;

namespace Lima.Actors.Tests.Fakes;

/// <summary>Name servers without ports; one cannot be had while its port is taken.</summary>
internal sealed class FakeNames : INameServers
{
    private volatile string _taken = "";

    /// <summary>Instances that have a server.</summary>
    public ConcurrentDictionary<VmId, bool> Open { get; } = new();

    /// <summary>Why no port can be had; empty when one can.</summary>
    public string Taken
    {
        get => _taken;
        set => _taken = value;
    }

    public Task<int> PrepareAsync(VmId id, InstanceDirectory directory, VmSpec spec, CancellationToken cancel)
    {
        Resume(id, directory, spec);
        return Task.FromResult(20000);
    }

    public void Resume(VmId id, InstanceDirectory directory, VmSpec spec)
    {
        if (Taken is { Length: > 0 } why) throw new DriverException(VmCauses.HostResolver, "serving names to the guest", why, "end it");
        Open[id] = true;
    }

    public void Close(VmId id) => Open.TryRemove(id, out _);
}
