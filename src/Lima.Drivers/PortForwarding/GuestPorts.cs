using System.Collections.Concurrent;
using System.Threading.Channels;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;
using Lima.Drivers.Instances;
using Lima.Drivers.Processes;

namespace Lima.Drivers.PortForwarding;

/// <summary>Forwards by OpenSSH; all guests share the knowledge of who has which end of the host.</summary>
public sealed class SshPortForwarding(HostEnds ends, ProcessTable processes, TimeProvider time) : IPortForwarding
{
    /// <inheritdoc/>
    public IGuestPorts Begin(InstanceDirectory directory, bool watch) =>
        new GuestPorts(directory, watch, lines => new ShellListeners(lines), ends, processes, time);
}

/// <summary>The forwards of one guest.</summary>
internal sealed class GuestPorts : IGuestPorts
{
    private const int LinesMax = 16;

    private readonly InstanceDirectory _directory;
    private readonly HostEnds _ends;
    private readonly TimeProvider _time;
    private readonly SshTunnel _tunnel;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _listening;
    private readonly ConcurrentDictionary<(PortProtocol, bool, ForwardEnd), HostListener> _open = new();
    private readonly Lock _telling = new();

    // Of states, and of full lists of listeners, only the newest counts.
    private readonly Channel<GuestPortsState> _states =
        Channel.CreateBounded<GuestPortsState>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

    private readonly Channel<string> _lines =
        Channel.CreateBounded<string>(new BoundedChannelOptions(LinesMax) { FullMode = BoundedChannelFullMode.DropOldest });

    private GuestPortsState _state = new(0, false, "", null);

    public GuestPorts(
        InstanceDirectory directory, bool watch, Func<ChannelReader<string>, IGuestListeners> listeners,
        HostEnds ends, ProcessTable processes, TimeProvider time)
    {
        (_directory, _ends, _time) = (directory, ends, time);
        _listening = ListenAsync(listeners(_lines.Reader));
        _tunnel = new SshTunnel(
            directory, watch, line => _lines.Writer.TryWrite(line),
            (life, isUp, problem) => Tell(state => state with { Life = life, IsUp = isUp, Problem = problem }), processes, time);
    }

    /// <inheritdoc/>
    public ChannelReader<GuestPortsState> States => _states.Reader;

    /// <inheritdoc/>
    public async Task<IOpenForward> OpenAsync(Forward forward, CancellationToken cancel)
    {
        var instance = _directory.Name.Value;
        if (forward.Reverse) return await OpenReverseAsync(forward, cancel);
        if (forward.Protocol == PortProtocol.Udp)
            throw new DriverException("forward-failed", "forwarding a port", $"UDP {forward.Guest} cannot be forwarded by SSH", "TCP can");
        var (sockets, warning) = forward.Host.IsSocket
            ? ([await HostSockets.ListenUnixAsync(forward.Host.Socket, _ends, instance, cancel)], "")
            : HostSockets.ListenTcp(forward.Host, _ends, instance);
        _ends.Take(forward.Protocol, forward.Host, instance);
        var listener = new HostListener(sockets, forward.Guest, _tunnel, warning, ClosedAsync, _time, _stop.Token);
        _open[forward.Key] = listener;
        // Ended meanwhile: nobody would end this one.
        if (!_stop.IsCancellationRequested) return listener;
        await listener.DisposeAsync();
        throw new OperationCanceledException(_stop.Token);

        ValueTask ClosedAsync()
        {
            _open.TryRemove(forward.Key, out _);
            _ends.Free(forward.Protocol, forward.Host);
            return forward.Host.IsSocket ? new ValueTask(HostSockets.RemoveUnixAsync(forward.Host.Socket)) : ValueTask.CompletedTask;
        }
    }

    /// <inheritdoc/>
    public Task CheckAsync(TimeSpan limit, CancellationToken cancel) => _tunnel.CheckAsync(limit, cancel);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var listener in _open.Values) await listener.DisposeAsync();
        await _tunnel.DisposeAsync();
        _lines.Writer.TryComplete();
        await _listening;
        _states.Writer.TryComplete();
    }

    private async Task<IOpenForward> OpenReverseAsync(Forward forward, CancellationToken cancel)
    {
        await _tunnel.AddReverseAsync(forward.Guest.Socket, forward.Host.Socket, cancel);
        return new ReverseForward(_tunnel, forward);
    }

    private async Task ListenAsync(IGuestListeners listeners)
    {
        await foreach (var all in listeners.FollowAsync(CancellationToken.None)) Tell(state => state with { Listeners = all });
    }

    private void Tell(Func<GuestPortsState, GuestPortsState> change)
    {
        lock (_telling)
        {
            _state = change(_state);
            _states.Writer.TryWrite(_state);
        }
    }
}

/// <summary>A socket of the guest that leads to one of the host.</summary>
internal sealed class ReverseForward(SshTunnel tunnel, Forward forward) : IOpenForward
{
    /// <inheritdoc/>
    public string Path => tunnel.Name;

    /// <inheritdoc/>
    public string Warning => "";

    /// <inheritdoc/>
    public void Redirect(ForwardEnd guest) => throw new InvalidOperationException("what listens in the guest is not led elsewhere there");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await tunnel.RemoveReverseAsync(forward.Guest.Socket, forward.Host.Socket, CancellationToken.None);
        }
        catch (DriverException)
        {
            // With the way into the guest the forward has ended too.
        }
    }
}
