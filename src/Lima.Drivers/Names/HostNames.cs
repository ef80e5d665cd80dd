using System.Net;
using System.Net.Sockets;
using Lima.Drivers.Ssh;

namespace Lima.Drivers.Names;

/// <summary>
/// The C library's resolver: <c>/etc/hosts</c>, multicast DNS, what a VPN has set up, by its own rules. It blocks, so each look-up has a thread
/// while it lasts, and there are only so many at once.
/// </summary>
public sealed class HostNames : IHostNames, IDisposable
{
    private const int AtOnce = 16;
    private const int AddressesMax = 32;
    private readonly SemaphoreSlim _threads = new(AtOnce);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<IPAddress>?> AddressesAsync(string name, AddressFamily family, CancellationToken cancel)
    {
        await _threads.WaitAsync(cancel);
        // The thread cannot be called back; its place is free only when it has ended.
        var lookUp = DedicatedThread.Run("names", () => LookUp(name, family));
        _ = lookUp.ContinueWith(_ => _threads.Release(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return await lookUp.WaitAsync(cancel);
    }

    /// <inheritdoc/>
    public void Dispose() => _threads.Dispose();

    private static IReadOnlyList<IPAddress>? LookUp(string name, AddressFamily family)
    {
        try
        {
            return [.. Dns.GetHostAddresses(name, family).Where(address => address.AddressFamily == family).Take(AddressesMax)];
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData ? [] : null;
        }
        catch (ArgumentException)
        {
            // Longer than the system takes.
            return [];
        }
    }
}
