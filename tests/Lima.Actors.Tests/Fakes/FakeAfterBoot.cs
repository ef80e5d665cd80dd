using Lima.Domain.Specs;
using Lima.Drivers.AfterBoot;
using Lima.Drivers.Instances;

namespace Lima.Actors.Tests.Fakes;

/// <summary>Work after a boot that touches nothing; it counts, and fails when it is told to.</summary>
internal sealed class FakeAfterBoot : IAfterBoot
{
    private int _copied, _played, _removed;

    /// <summary>What copying and playing do.</summary>
    public Func<CancellationToken, Task> Work { get; set; } = _ => Task.CompletedTask;

    public int Copied => Volatile.Read(ref _copied);

    public int Played => Volatile.Read(ref _played);

    public int Removed => Volatile.Read(ref _removed);

    public async Task CopyToHostAsync(VmSpec spec, InstanceDirectory directory, CancellationToken cancel)
    {
        await Work(cancel);
        Interlocked.Increment(ref _copied);
    }

    public async Task PlayAsync(VmSpec spec, InstanceDirectory directory, CancellationToken cancel)
    {
        await Work(cancel);
        Interlocked.Increment(ref _played);
    }

    public void RemoveCopies(VmSpec spec) => Interlocked.Increment(ref _removed);
}
