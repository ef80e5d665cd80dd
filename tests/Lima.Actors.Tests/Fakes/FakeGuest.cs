using System.Collections.Immutable;
using Lima.Domain.Vms;
using Lima.Drivers.Hypervisors;

namespace Lima.Actors.Tests.Fakes;

/// <summary>One living machine, with whoever is attached to it.</summary>
internal sealed class FakeGuest(FakeHypervisor owner, VmId id, ProcessIdentity process)
{
    private ImmutableList<FakeMachine> _attached = [];
    private int _kills;
    private int _queries;
    private int _attachedEver;

    public VmId Id => id;

    public ProcessIdentity Process => process;

    public bool IsAlive { get; private set; } = true;

    public bool IsPaused { get; set; }

    /// <summary>Does not answer on its control socket.</summary>
    public bool IsMute { get; set; }

    /// <summary>Does not hear the power button.</summary>
    public bool IsDeaf { get; set; }

    /// <summary>QEMU refuses to pause and to resume.</summary>
    public bool Refuses { get; set; }

    /// <summary>How often it was asked how it is.</summary>
    public int Queries => Volatile.Read(ref _queries);

    public int Kills => Volatile.Read(ref _kills);

    public int AttachedEver => Volatile.Read(ref _attachedEver);

    public int AttachedNow => _attached.Count;

    public void Attach(FakeMachine machine)
    {
        Interlocked.Increment(ref _attachedEver);
        ImmutableInterlocked.Update(ref _attached, a => a.Add(machine));
    }

    public void Asked() => Interlocked.Increment(ref _queries);

    public void Detach(FakeMachine machine) => ImmutableInterlocked.Update(ref _attached, a => a.Remove(machine));

    public void Say(MachineEvent e)
    {
        foreach (var machine in _attached) machine.Say(e);
    }

    /// <summary>The process ends.</summary>
    public void Exit(MachineExit kind, string lastLines = "")
    {
        if (!IsAlive) return;
        IsAlive = false;
        owner.Remove(this);
        Say(new MachineEvent.Exited(kind, lastLines));
    }

    public void PressPower()
    {
        if (!IsDeaf && !IsPaused) Exit(MachineExit.GuestShutdown);
    }

    public void Pause()
    {
        IsPaused = true;
        Say(new MachineEvent.Paused());
    }

    public void Resume()
    {
        IsPaused = false;
        Say(new MachineEvent.Resumed());
    }

    public void Kill()
    {
        Interlocked.Increment(ref _kills);
        Exit(MachineExit.Crash);
    }
}
