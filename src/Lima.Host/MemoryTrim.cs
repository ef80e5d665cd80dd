using Lima.Actors.Vms;

namespace Lima.Host;

/// <summary>
/// Gives back what only the start needed. Recovering many VMs allocates far more than the host uses afterwards, and an idle
/// process would not collect for hours; two collections, once after recovery and once after idle actors have left, suffice.
/// </summary>
internal static class MemoryTrim
{
    private static readonly TimeSpan AfterRecovery = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan AfterPassivation = TimeSpan.FromSeconds(15);

    /// <summary>Runs beside the host until it has collected twice, or the host ends.</summary>
    public static async Task RunAsync(VmReadModel model, TimeSpan passivateAfter, TimeProvider time, CancellationToken ends)
    {
        try
        {
            await model.Ready.WaitAsync(ends);
            await Task.Delay(AfterRecovery, time, ends);
            Collect();
            await Task.Delay(passivateAfter + AfterPassivation, time, ends);
            Collect();
        }
        catch (OperationCanceledException)
        {
            // The host ends; nothing is left to tidy.
        }
    }

    private static void Collect() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
