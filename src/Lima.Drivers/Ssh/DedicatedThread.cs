namespace Lima.Drivers.Ssh;

/// <summary>Runs what blocks on a thread of its own, so that neither a caller nor the pool waits.</summary>
internal static class DedicatedThread
{
    private const int StackBytes = 512 * 1024;

    /// <summary>Starts <paramref name="work"/>; the task completes with its result or its exception.</summary>
    public static Task<T> Run<T>(string name, Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => Complete(done, work), StackBytes) { IsBackground = true, Name = name }.Start();
        return done.Task;
    }

    private static void Complete<T>(TaskCompletionSource<T> done, Func<T> work)
    {
        try
        {
            done.SetResult(work());
        }
        catch (Exception failure)
        {
            done.SetException(failure);
        }
    }
}
