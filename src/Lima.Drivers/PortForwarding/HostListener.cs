using System.Net.Sockets;
using Lima.Domain.PortForwarding;

namespace Lima.Drivers.PortForwarding;

/// <summary>Accepts connections on the host and joins each with one into the guest.</summary>
internal sealed class HostListener : IOpenForward
{
    /// <summary>Connections that one forward carries at once; more wait to be accepted.</summary>
    public const int ConnectionsMax = 4096;

    private static readonly TimeSpan OutOfFilesPause = TimeSpan.FromMilliseconds(100);

    private readonly List<Socket> _sockets;
    private readonly GuestPaths _paths;
    private readonly Func<ValueTask> _closed;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _places = new(ConnectionsMax);
    private readonly CancellationTokenSource _stop;
    private readonly CancellationToken _end;
    private readonly Task _accepting;
    private ForwardEnd _guest;
    private int _isEnded;

    /// <summary>Begins.</summary>
    /// <param name="sockets">Bound and listening; owned from here on.</param>
    /// <param name="guest">Where connections lead.</param>
    /// <param name="paths">How.</param>
    /// <param name="warning">What is not as it should be.</param>
    /// <param name="closed">Called once it has ended.</param>
    /// <param name="time">For pauses.</param>
    /// <param name="end">Ends it, and all connections.</param>
    public HostListener(
        List<Socket> sockets, ForwardEnd guest, GuestPaths paths, string warning, Func<ValueTask> closed, TimeProvider time, CancellationToken end)
    {
        (_sockets, _guest, _paths, Warning, _closed, _time, _end) = (sockets, guest, paths, warning, closed, time, end);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(end);
        _accepting = Task.WhenAll(sockets.Select(AcceptAsync));
    }

    /// <inheritdoc/>
    public string Path => _paths.NameFor(Guest);

    /// <inheritdoc/>
    public string Warning { get; }

    /// <inheritdoc/>
    public bool Redirect(ForwardEnd guest)
    {
        lock (_sockets) _guest = guest;
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isEnded, 1) == 1) return;
        await _stop.CancelAsync();
        foreach (var socket in _sockets) socket.Dispose();
        await _accepting;
        await _closed();
    }

    private ForwardEnd Guest
    {
        get
        {
            lock (_sockets) return _guest;
        }
    }

    private async Task AcceptAsync(Socket listener)
    {
        await Task.Yield();
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _places.WaitAsync(_stop.Token);
                var client = await AcceptOneAsync(listener);
                _ = CarryAsync(client);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // The client was gone before it was accepted, or there are no descriptors left; neither ends the forward.
                await Task.Delay(OutOfFilesPause, _time, CancellationToken.None);
            }
        }
    }

    private async Task<Socket> AcceptOneAsync(Socket listener)
    {
        try
        {
            return await listener.AcceptAsync(_stop.Token);
        }
        catch
        {
            _places.Release();
            throw;
        }
    }

    private async Task CarryAsync(Socket client)
    {
        try
        {
            if (client.AddressFamily != AddressFamily.Unix) client.NoDelay = true;
            await _paths.CarryAsync(client, Guest, _end);
        }
        catch (Exception e) when (e is DriverException or OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The client learns that nobody is there as it would of a port that nobody listens on.
            Splice.Abort(client);
        }
        finally
        {
            _places.Release();
        }
    }
}
