using System.Collections.Immutable;
using Lima.Domain.PortForwarding;
using Lima.Drivers.Agent;
using Lima.Drivers.Instances;

namespace Lima.Drivers.PortForwarding;

/// <summary>
/// The ways into one guest: by its agent, and by SSH where that is missing. There is an ssh process only while somebody needs it: some
/// seconds after the agent was to be there and is not, when there is something to forward or to watch.
/// </summary>
internal sealed class GuestWays : IAsyncDisposable
{
    private static readonly TimeSpan AgentLimit = TimeSpan.FromSeconds(8), ReturnLimit = TimeSpan.FromSeconds(2), UpLimit = TimeSpan.FromSeconds(15);

    private readonly bool _watch;
    private readonly Action<GuestPortsState> _tell;
    private readonly AgentLink? _link;
    private readonly SshTunnel _tunnel;
    private readonly ITimer _patience;
    private readonly Lock _lock = new();
    private GuestPortsState _state = new(0, false, "", null);
    private AgentSession? _agent;
    private int _life;
    private string _problem = "";
    private bool _isPatient, _isNeeded;

    /// <summary>Begins.</summary>
    /// <param name="directory">The instance.</param>
    /// <param name="watch">Whether listeners of the guest are watched; if not, the guest has no agent either.</param>
    /// <param name="shared">What all guests share.</param>
    /// <param name="tell">Told each new state; must not wait.</param>
    /// <param name="log">For what is worth a line.</param>
    public GuestWays(InstanceDirectory directory, bool watch, GuestForwarding shared, Action<GuestPortsState> tell, Action<string> log)
    {
        var time = shared.Time;
        // What is made here speaks up from other threads; it is heard once all is there.
        using var whole = _lock.EnterScope();
        (_watch, _tell) = (watch, tell);
        // A QEMU that was started without a port for an agent does not get one.
        _isPatient = watch && File.Exists(directory.AgentSocket);
        _patience = time.CreateTimer(_ => Impatient(), null, _isPatient ? AgentLimit : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _tunnel = new SshTunnel(directory, watch, OnLine, OnTunnel, shared.Processes, time);
        _link = _isPatient ? new AgentLink(directory.AgentSocket, shared.Memory, new AgentOwner(OnAgent, new AgentEars(OnListeners), log), time) : null;
        Paths = new GuestPaths(_link is null ? [_tunnel] : [new AgentPath(_link, time), _tunnel], UpLimit, time);
        Openers = _link is null
            ? [new SshReverse(_tunnel, directory)]
            : [new AgentReverse(_link, time), new AgentUdp(_link, shared.Ends, directory.Name.Value, shared.UdpIdle, time), new SshReverse(_tunnel, directory)];
        Weigh();
    }

    /// <summary>For single connections.</summary>
    public GuestPaths Paths { get; }

    /// <summary>For what is no single connection.</summary>
    public ImmutableArray<IForwardOpener> Openers { get; }

    /// <summary>Whether there is anything to forward.</summary>
    public void Need(bool isNeeded)
    {
        lock (_lock) _isNeeded = isNeeded;
        Weigh();
    }

    /// <summary>Looks whether the way that is used is open.</summary>
    public async Task CheckAsync(TimeSpan limit, CancellationToken cancel)
    {
        if (_link is not null) await _link.CheckAsync(limit, cancel);
        await _tunnel.CheckAsync(limit, cancel);
    }

    /// <summary>Has the guest set its clock, where it has an agent.</summary>
    public Task SetTimeAsync(CancellationToken cancel) => _link?.SetTimeAsync(cancel) ?? Task.CompletedTask;

    /// <summary>How the guest is; null where it has no agent.</summary>
    public Task<Domain.Agent.AgentStatus?> StatusAsync(CancellationToken cancel) =>
        _link?.StatusAsync(cancel) ?? Task.FromResult<Domain.Agent.AgentStatus?>(null);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _patience.DisposeAsync();
        foreach (var opener in Openers) await opener.DisposeAsync();
        if (_link is not null) await _link.DisposeAsync();
        await _tunnel.DisposeAsync();
    }

    private void OnAgent(AgentSession? session)
    {
        lock (_lock)
        {
            _agent = session;
            _isPatient = session is null;
            if (session is not null) _life++;
            _patience.Change(session is null ? ReturnLimit : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        Weigh();
    }

    private void OnTunnel(bool isUp, string problem)
    {
        lock (_lock)
        {
            _problem = problem;
            if (isUp && _agent is null) _life++;
        }

        Weigh();
    }

    private void Impatient()
    {
        lock (_lock) _isPatient = false;
        Weigh();
    }

    /// <summary>What ssh's script says counts only while there is no agent, which knows better.</summary>
    private void OnLine(string line)
    {
        if (ShellListeners.Parse(line) is not { } all) return;
        lock (_lock)
            if (_agent is not null) return;
        OnListeners(all);
    }

    private void OnListeners(ImmutableArray<GuestListener> all)
    {
        lock (_lock) Tell(_state with { Listeners = all });
    }

    /// <summary>Something has changed: whether ssh is wanted, and how it is as a whole.</summary>
    private void Weigh()
    {
        lock (_lock)
        {
            var isWanted = _watch || _isNeeded;
            _tunnel.Want(isWanted && _agent is null && !_isPatient);
            var isUp = _agent is not null || _tunnel.IsUp || !isWanted;
            var problem = isUp ? "" : _problem.Length > 0 || _link is null ? _problem : "its agent does not answer";
            if (_state.Life != _life || _state.IsUp != isUp || _state.Problem != problem) Tell(_state with { Life = _life, IsUp = isUp, Problem = problem });
            if (isUp) Paths.Changed();
        }
    }

    private void Tell(GuestPortsState state)
    {
        _state = state;
        _tell(state);
    }
}
