using System.Collections.Immutable;
using System.Net.Sockets;
using Lima.Domain.PortForwarding;

namespace Lima.Drivers.PortForwarding;

/// <summary>The paths into one guest, the best first. The choice is made anew for each connection.</summary>
/// <param name="paths">The paths.</param>
/// <param name="limit">How long a connection waits for a path while none is up.</param>
/// <param name="time">For that.</param>
internal sealed class GuestPaths(ImmutableArray<IGuestPath> paths, TimeSpan limit, TimeProvider time)
{
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waiting;

    /// <summary>Connections that wait for a path to come up.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>To be called whenever a path has come up.</summary>
    public void Changed() =>
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>Which path a connection would take now.</summary>
    public string NameFor(ForwardEnd guest) => (Usable(guest).FirstOrDefault() ?? paths.Last(p => p.Carries(guest))).Name;

    /// <summary>Carries a connection by the first path that can, waiting for one if need be.</summary>
    /// <exception cref="DriverException">None can (as <see cref="IGuestPath.CarryAsync"/>).</exception>
    public async Task CarryAsync(Socket client, ForwardEnd guest, CancellationToken cancel)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task;
            if (await TryAsync(client, guest, cancel) is not { } why) return;
            var left = limit - time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero || !await WaitAsync(changed, left, cancel)) throw why;
        }
    }

    /// <summary>Null when it was carried; otherwise why no path could.</summary>
    private async Task<DriverException?> TryAsync(Socket client, ForwardEnd guest, CancellationToken cancel)
    {
        var why = new DriverException(IGuestPath.Down, "reaching the guest", $"{guest} of the guest cannot be reached now", "it is tried again by itself");
        foreach (var path in Usable(guest))
        {
            try
            {
                await path.CarryAsync(client, guest, cancel);
                return null;
            }
            catch (DriverException e) when (e.Cause.Code == IGuestPath.Down)
            {
                why = e;
            }
        }

        return why;
    }

    private async Task<bool> WaitAsync(Task changed, TimeSpan left, CancellationToken cancel)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            await changed.WaitAsync(left, time, cancel);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private IEnumerable<IGuestPath> Usable(ForwardEnd guest) => paths.Where(p => p.IsUp && p.Carries(guest));
}
