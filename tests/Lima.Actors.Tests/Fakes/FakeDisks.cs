using System.Collections.Concurrent;
using Lima.Domain.Disks;
using Lima.Domain.Specs;
using Lima.Drivers;
using Lima.Drivers.Disks;
using Lima.Drivers.Hypervisors;
using Lima.Drivers.Instances;
using Lima.Drivers.Ssh;

namespace Lima.Actors.Tests.Fakes;

/// <summary>Disks that are changed by being told so.</summary>
internal sealed class FakeDisks : ILiveDisks
{
    /// <summary>What was asked for, with whether there was a machine and a session.</summary>
    public ConcurrentQueue<(DiskChange Change, bool Machine, bool Session)> Changes { get; } = [];

    /// <summary>What a change waits for.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Why no change can be made; null when all are.</summary>
    public string? Problem { get; set; }

    /// <summary>What trimming gives back; null when a guest cannot.</summary>
    public long? Trimmable { get; set; }

    /// <summary>What trimming waits for.</summary>
    public Task TrimGate { get; set; } = Task.CompletedTask;

    /// <summary>How often guests were asked to give back free space.</summary>
    public int Trims => Volatile.Read(ref _trims);

    private int _trims;

    public async Task ChangeAsync(InstanceDirectory directory, DiskChange change, Func<VmSpec> spec, IMachineDisks? machine, ISshSession? session, CancellationToken cancel)
    {
        Changes.Enqueue((change, machine is not null, session is not null));
        await Gate.WaitAsync(cancel);
        if (Problem is { } problem) throw new DriverException("disk-in-use", "changing the disks", problem);
    }

    public async Task<long?> TrimAsync(ISshSession session, TimeSpan limit, CancellationToken cancel)
    {
        Interlocked.Increment(ref _trims);
        await TrimGate.WaitAsync(cancel);
        return Trimmable;
    }
}

/// <summary>The disks of a fake machine, which <see cref="FakeDisks"/> never touches.</summary>
internal sealed class FakeMachineDisks : IMachineDisks
{
    public Task<string?> PluggedAsync(string disk, CancellationToken cancel) => Task.FromResult<string?>(null);

    public Task GrowAsync(string disk, long bytes, CancellationToken cancel) => Task.CompletedTask;

    public Task<string> AttachAsync(string disk, string path, string format, CancellationToken cancel) => Task.FromResult("naa.3");

    public Task DetachAsync(string disk, CancellationToken cancel) => Task.CompletedTask;
}
