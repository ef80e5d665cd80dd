using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;
using Lima.Domain.Agent;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;
using Lima.Drivers.Instances;

namespace Lima.Drivers.PortForwarding;

/// <summary>The forwards of one guest.</summary>
internal sealed class GuestPorts : IGuestPorts
{
    private readonly InstanceDirectory _directory;
    private readonly HostEnds _ends;
    private readonly TimeProvider _time;
    private readonly GuestWays _ways;
    private readonly ImmutableArray<IForwardOpener> _openers;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<(PortProtocol, bool, ForwardEnd), IOpenForward> _open = new();

    // Of states, and of full lists of listeners, only the newest counts.
    private readonly Channel<GuestPortsState> _states =
        Channel.CreateBounded<GuestPortsState>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

    public GuestPorts(InstanceDirectory directory, bool watch, GuestForwarding shared, ImmutableArray<IForwardOpener> openers, Action<string> log)
    {
        (_directory, _ends, _time) = (directory, shared.Ends, shared.Time);
        _ways = new GuestWays(directory, watch, shared, state => _states.Writer.TryWrite(state), log);
        _openers = [.. openers, .. _ways.Openers];
    }

    /// <inheritdoc/>
    public ChannelReader<GuestPortsState> States => _states.Reader;

    /// <inheritdoc/>
    public async Task<IOpenForward> OpenAsync(Forward forward, CancellationToken cancel)
    {
        // One of an earlier way that has been forgotten, as ends in the guest are.
        if (_open.TryGetValue(forward.Key, out var left)) await left.DisposeAsync();
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
    public void Need(bool isNeeded) => _ways.Need(isNeeded);

    /// <inheritdoc/>
    public Task CheckAsync(TimeSpan limit, CancellationToken cancel) => _ways.CheckAsync(limit, cancel);

    /// <inheritdoc/>
    public Task SetTimeAsync(CancellationToken cancel) => _ways.SetTimeAsync(cancel);

    /// <inheritdoc/>
    public Task<AgentStatus?> StatusAsync(CancellationToken cancel) => _ways.StatusAsync(cancel);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var opener in _openers) opener.Leave();
        foreach (var forward in _open.Values) await forward.DisposeAsync();
        foreach (var opener in _openers.Except(_ways.Openers)) await opener.DisposeAsync();
        await _ways.DisposeAsync();
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
            ? throw why ?? new DriverException("forward-failed", "forwarding a port", $"UDP {forward.Guest} cannot be forwarded without the guest's agent", "it is tried again by itself; TCP can be forwarded by SSH")
            : await ListenAsync(forward, cancel);
    }

    /// <summary>The same on the address of IPv6 that goes with it, by the paths that are always there.</summary>
    private PairedForward WithCompanion(IOpenForward opened, Forward forward)
    {
        var (socket, warning) = HostSockets.ListenCompanion(forward.Protocol, forward.Host, _ends, _directory.Name.Value);
        return new PairedForward(
            opened, socket is null ? null : new HostListener([socket], forward.Guest, _ways.Paths, "", () => ValueTask.CompletedTask, _time, _stop.Token), warning);
    }

    private async Task<IOpenForward> ListenAsync(Forward forward, CancellationToken cancel)
    {
        var instance = _directory.Name.Value;
        var (sockets, warning) = forward.Host.IsSocket
            ? ([await HostSockets.ListenUnixAsync(forward.Host.Socket, _ends, instance, cancel)], "")
            : HostSockets.Listen(PortProtocol.Tcp, forward.Host, _ends, instance);
        return new HostListener(sockets, forward.Guest, _ways.Paths, warning, ClosedAsync, _time, _stop.Token);

        ValueTask ClosedAsync() =>
            forward.Host.IsSocket ? new ValueTask(HostSockets.RemoveUnixAsync(forward.Host.Socket)) : ValueTask.CompletedTask;
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
