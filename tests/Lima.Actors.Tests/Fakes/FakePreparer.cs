using System.Collections.Immutable;
using Lima.Domain.Vms;
using Lima.Drivers;
using Lima.Drivers.Hypervisors;
using Lima.Drivers.Instances;

namespace Lima.Actors.Tests.Fakes;

/// <summary>Prepares nothing, at once, unless told otherwise.</summary>
internal sealed class FakePreparer : IInstancePreparer
{
    private int _calls;

    /// <summary>What is done before it is ready; throwing makes it fail.</summary>
    public Func<CancellationToken, Task> Work { get; set; } = _ => Task.CompletedTask;

    /// <summary>What must hold before a VM runs; null means what every guest must have.</summary>
    public ImmutableArray<Requirement>? Requirements { get; set; }

    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Directory of the newest call.</summary>
    public InstanceDirectory? Directory { get; private set; }

    public async Task<PreparedInstance> PrepareAsync(
        VmId id, InstanceDirectory directory, int sshPort, IProgress<StepProgress> progress, CancellationToken cancel)
    {
        Interlocked.Increment(ref _calls);
        Directory = directory;
        progress.Report(new StepProgress("preparing"));
        await Work(cancel);
        cancel.ThrowIfCancellationRequested();
        return new PreparedInstance(new LaunchRequest(id, directory, FakeSpecs.Spec, sshPort == 0 ? 60022 : sshPort, null), Requirements);
    }
}
