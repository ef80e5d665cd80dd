using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;
using Lima.Drivers.Instances;
using Lima.Drivers.Processes;

namespace Lima.Drivers.PortForwarding;

/// <summary>The forwards of one guest.</summary>
internal sealed class GuestPorts : IGuestPorts
{
    private const int LinesMax = 16;
    private static readonly TimeSpan UpLimit = TimeSpan.FromSeconds(15);

    private readonly InstanceDirectory _directory;
    private readonly HostEnds _ends;
    private readonly TimeProvider _time;
    private readonly SshTunnel _tunnel;
    private readonly GuestPaths _paths;
    private readonly ImmutableArray<IForwardOpener> _openers;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _listening;
    private readonly ConcurrentDictionary<(PortProtocol, bool, ForwardEnd), IOpenForward> _open = new();
    private readonly Lock _telling = new();

    // Of states, and of full lists of listeners, only the newest counts.
    private readonly Channel<GuestPortsState> _states =
        Channel.CreateBounded<GuestPortsState>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

    private readonly Channel<string> _lines =
        Channel.CreateBounded<string>(new BoundedChannelOptions(LinesMax) { FullMode = BoundedChannelFullMode.DropOldest });

    private GuestPortsState _state = new(0, false, "", null);

    public GuestPorts(
        InstanceDirectory directory, bool watch, Func<ChannelReader<string>, IGuestListeners> listeners,
        ImmutableArray<IForwardOpener> openers, HostEnds ends, ProcessTable processes, TimeProvider time)
    {
        (_directory, _ends, _time) = (directory, ends, time);
        _listening = ListenAsync(listeners(_lines.Reader));
        _tunnel = new SshTunnel(directory, watch, line => _lines.Writer.TryWrite(line), Changed, processes, time);
        _paths = new GuestPaths([_tunnel], UpLimit, time);
        _openers = [.. openers, new SshReverse(_tunnel)];
    }

    /// <inheritdoc/>
    public ChannelReader<GuestPortsState> States => _states.Reader;

    /// <inheritdoc/>
    public async Task<IOpenForward> OpenAsync(Forward forward, CancellationToken cancel)
    {
        var opened = await BeginAsync(forward, cancel);
        if (!forward.Reverse) _ends.Take(forward.Protocol, forward.Host, _directory.Name.Value);
        _open[forward.Key] = opened = new Kept(opened, () =>
        {
            _open.TryRemove(forward.Key, out _);
            if (!forward.Reverse) _ends.Free(forward.Protocol, forward.Host);
        });
        // Ended meanwhile: nobody would end this one.
        if (!_stop.IsCancellationRequested) return opened;
        await opened.DisposeAsync();
        throw new OperationCanceledException(_stop.Token);
    }

    /// <inheritdoc/>
    public async Task EndLeftoversAsync(CancellationToken cancel)
    {
        foreach (var opener in _openers) await opener.EndLeftoversAsync(cancel);
    }

    /// <inheritdoc/>
    public Task CheckAsync(TimeSpan limit, CancellationToken cancel) => _tunnel.CheckAsync(limit, cancel);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var opener in _openers) opener.Leave();
        foreach (var forward in _open.Values) await forward.DisposeAsync();
        foreach (var opener in _openers) await opener.DisposeAsync();
        await _tunnel.DisposeAsync();
        _lines.Writer.TryComplete();
        await _listening;
        _states.Writer.TryComplete();
    }

    private async Task<IOpenForward> BeginAsync(Forward forward, CancellationToken cancel)
    {
        DriverException? why = null;
        foreach (var opener in _openers.Where(o => o.Opens(forward)))
        {
            try
            {
                var opened = await opener.OpenAsync(forward, cancel);
                return opener.IsIPv4Only ? WithCompanion(opened, forward) : opened;
            }
            catch (DriverException e) when (e.Cause.Code == IGuestPath.Down)
            {
                why = e;
            }
        }

        if (forward.Reverse) throw why ?? new DriverException(IGuestPath.Down, "forwarding a socket", "the guest cannot be reached now", "it is tried again by itself");
        return forward.Protocol == PortProtocol.Udp
            ? throw why ?? new DriverException("forward-failed", "forwarding a port", $"UDP {forward.Guest} cannot be forwarded by SSH", "TCP can")
            : await ListenAsync(forward, cancel);
    }

    /// <summary>The same on the address of IPv6 that goes with it, by the paths that are always there.</summary>
    private PairedForward WithCompanion(IOpenForward opened, Forward forward)
    {
        var (socket, warning) = HostSockets.ListenCompanion(forward.Host, _ends, _directory.Name.Value);
        return new PairedForward(
            opened, socket is null ? null : new HostListener([socket], forward.Guest, _paths, "", () => ValueTask.CompletedTask, _time, _stop.Token), warning);
    }

    private async Task<IOpenForward> ListenAsync(Forward forward, CancellationToken cancel)
    {
        var instance = _directory.Name.Value;
        var (sockets, warning) = forward.Host.IsSocket
            ? ([await HostSockets.ListenUnixAsync(forward.Host.Socket, _ends, instance, cancel)], "")
            : HostSockets.ListenTcp(forward.Host, _ends, instance);
        return new HostListener(sockets, forward.Guest, _paths, warning, ClosedAsync, _time, _stop.Token);

        ValueTask ClosedAsync() =>
            forward.Host.IsSocket ? new ValueTask(HostSockets.RemoveUnixAsync(forward.Host.Socket)) : ValueTask.CompletedTask;
    }

    private void Changed(int life, bool isUp, string problem)
    {
        if (isUp) _paths.Changed();
        Tell(state => state with { Life = life, IsUp = isUp, Problem = problem });
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

    /// <summary>A forward whose end of the host is known to all.</summary>
    private sealed class Kept(IOpenForward forward, Action ended) : IOpenForward
    {
        private int _isEnded;

        public string Path => forward.Path;

        public string Warning => forward.Warning;

        public bool Redirect(ForwardEnd guest) => forward.Redirect(guest);

        public async ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _isEnded, 1) == 1) return;
            await forward.DisposeAsync();
            ended();
        }
    }
}
