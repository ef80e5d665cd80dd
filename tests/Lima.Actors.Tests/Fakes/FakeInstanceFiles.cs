using Lima.Domain.Vms;
using Lima.Drivers;
using Lima.Drivers.Instances;

namespace Lima.Actors.Tests.Fakes;

/// <summary>Work on the files of a real home, with gates and failures in front.</summary>
internal sealed class FakeInstanceFiles(InstanceFiles inner) : IInstanceFiles
{
    private int _atOnce;
    private int _calls;

    /// <summary>What happens before the work; may wait or fail.</summary>
    public Func<CancellationToken, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>How often work was begun.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>How often work was begun while other work was under way.</summary>
    public int Overlaps { get; private set; }

    public void ChangeConfiguration(VmName name, Domain.Specs.ConfigurationChange change) => inner.ChangeConfiguration(name, change);

    public void WriteConfiguration(VmName name, string yaml) => inner.WriteConfiguration(name, yaml);

    public Task CloneAsync(VmName name, VmId cloneId, VmName cloneName, IProgress<StepProgress> progress, CancellationToken cancel) =>
        WorkAsync(() => inner.CloneAsync(name, cloneId, cloneName, progress, cancel), cancel);

    public Task RenameAsync(VmId id, VmName name, VmName newName, CancellationToken cancel) =>
        WorkAsync(() => inner.RenameAsync(id, name, newName, cancel), cancel);

    public void FactoryReset(VmName name) => inner.FactoryReset(name);

    private async Task WorkAsync(Func<Task> work, CancellationToken cancel)
    {
        Interlocked.Increment(ref _calls);
        if (Interlocked.Increment(ref _atOnce) > 1) Overlaps++;
        try
        {
            await Before(cancel);
            await work();
        }
        finally
        {
            Interlocked.Decrement(ref _atOnce);
        }
    }
}
