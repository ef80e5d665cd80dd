using System.Collections.Concurrent;
using System.Collections.Immutable;
using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Hypervisors;
using Lima.Drivers.Instances;

namespace Lima.Actors.Tests.Fakes;

/// <summary>Machines that live in this object, not in the actors: they outlive every actor, as QEMU does, and are counted.</summary>
internal sealed class FakeHypervisor : IHypervisor
{
    private readonly ConcurrentDictionary<VmId, FakeGuest> _alive = [];
    private int _pids = 1000;
    private int _launches;
    private int _doubled;

    public string VmType => "qemu";

    /// <summary>What a launch does before a machine lives; throwing makes it fail.</summary>
    public Func<CancellationToken, Task> BeforeLaunch { get; set; } = _ => Task.CompletedTask;

    /// <summary>Whether a launch is given up when its work is cancelled; else it comes to life all the same.</summary>
    public bool HeedsCancellation { get; set; } = true;

    /// <summary>Makes attaching fail as long as it is true.</summary>
    public bool RefusesAttach { get; set; }

    /// <summary>What attaching waits for.</summary>
    public Task AttachGate { get; set; } = Task.CompletedTask;

    /// <summary>Cards of the machines, by the names of their instances.</summary>
    public Func<string, ImmutableArray<MachineCard>> CardsOf { get; set; } = _ => [];

    public ImmutableArray<MachineCard> Cards(VmSpec spec, InstanceDirectory directory) => CardsOf(directory.Name.Value);

    public int Launches => Volatile.Read(ref _launches);

    /// <summary>Launches of a VM whose machine lived already; must stay 0.</summary>
    public int Doubled => Volatile.Read(ref _doubled);

    public int Living => _alive.Count;

    /// <summary>The living machine of a VM.</summary>
    public FakeGuest? Of(VmId id) => _alive.GetValueOrDefault(id);

    /// <summary>Makes a machine live that no host has launched.</summary>
    public FakeGuest Plant(VmId id)
    {
        var guest = new FakeGuest(this, id, new ProcessIdentity(Interlocked.Increment(ref _pids), 7, Drivers.Processes.BootId.Current));
        if (!_alive.TryAdd(id, guest)) Interlocked.Increment(ref _doubled);
        return guest;
    }

    public async Task<ProcessIdentity> LaunchAsync(LaunchRequest request, CancellationToken cancel)
    {
        Interlocked.Increment(ref _launches);
        await BeforeLaunch(HeedsCancellation ? cancel : CancellationToken.None);
        if (HeedsCancellation) cancel.ThrowIfCancellationRequested();
        return Plant(request.Id).Process;
    }

    public ProcessIdentity? Find(VmId id, InstanceDirectory directory) => Of(id)?.Process;

    public async Task<IMachine> AttachAsync(VmId id, InstanceDirectory directory, ProcessIdentity process, CancellationToken cancel)
    {
        await AttachGate.WaitAsync(cancel);
        if (RefusesAttach) throw new IOException("the control socket refuses");
        var guest = Of(id) is { } alive && alive.Process == process ? alive : throw new Drivers.DriverException("qemu-gone", "attaching", "it is gone");
        return new FakeMachine(guest) { Cards = CardsOf(directory.Name.Value) };
    }

    internal void Remove(FakeGuest guest) => _alive.TryRemove(new KeyValuePair<VmId, FakeGuest>(guest.Id, guest));
}
