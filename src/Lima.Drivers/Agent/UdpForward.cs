using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Lima.Domain.Agent;
using Lima.Domain.PortForwarding;
using Lima.Drivers.PortForwarding;

namespace Lima.Drivers.Agent;

/// <summary>
/// Passes datagrams on. Each client of the host is a flow with a socket of its own in the guest, so that answers find their way back. A
/// flow ends when nothing has been said for a while, or when there are too many: then the one that has been silent for longest.
/// </summary>
internal sealed class UdpForward : IOpenForward
{
    /// <summary>Flows of one forward at once.</summary>
    public const int FlowsMax = 1024;

    private static readonly TimeSpan FailurePause = TimeSpan.FromMilliseconds(100);

    private readonly List<Socket> _sockets;
    private readonly Func<AgentSession?> _session;
    private readonly TimeSpan _idle;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<SocketAddress, LinkedListNode<AgentFlow>> _flows = [];
    private readonly LinkedList<AgentFlow> _byAge = new();
    private readonly ITimer _timer;
    private readonly Task _receiving;
    private ForwardEnd _guest;
    private bool _isEnded;

    /// <summary>Begins.</summary>
    /// <param name="sockets">Bound; owned from here on.</param>
    /// <param name="guest">Where datagrams lead.</param>
    /// <param name="session">The session of the moment; while there is none, datagrams are dropped.</param>
    /// <param name="warning">What is not as it should be.</param>
    /// <param name="idle">After how long a silent flow is forgotten.</param>
    /// <param name="time">For that.</param>
    public UdpForward(List<Socket> sockets, ForwardEnd guest, Func<AgentSession?> session, string warning, TimeSpan idle, TimeProvider time)
    {
        (_sockets, _guest, _session, Warning, _idle, _time) = (sockets, guest, session, warning, idle, time);
        foreach (var socket in sockets) socket.Blocking = false;
        _timer = time.CreateTimer(_ => ForgetSilent(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _receiving = Task.WhenAll(sockets.Select(ReceiveAsync));
    }

    /// <inheritdoc/>
    public string Path => "agent";

    /// <inheritdoc/>
    public string Warning { get; }

    /// <summary>How many flows there are.</summary>
    public int Flows
    {
        get
        {
            lock (_lock) return _flows.Count;
        }
    }

    /// <inheritdoc/>
    public bool Redirect(ForwardEnd guest)
    {
        lock (_lock) _guest = guest;
        // Flows are of no length; all go to the new place.
        ForgetAll();
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_isEnded) return;
            _isEnded = true;
        }

        foreach (var socket in _sockets) socket.Dispose();
        await _receiving;
        await _timer.DisposeAsync();
        ForgetAll();
    }

    /// <summary>Takes note of the end of a flow.</summary>
    public void Forget(AgentFlow flow)
    {
        lock (_lock)
        {
            if (!_flows.TryGetValue(flow.Client, out var node) || node.Value != flow) return;
            _flows.Remove(flow.Client);
            _byAge.Remove(node);
        }
    }

    private async Task ReceiveAsync(Socket socket)
    {
        await Task.Yield();
        var from = new SocketAddress(socket.AddressFamily);
        while (true)
        {
            try
            {
                // While nothing comes no buffer is held.
                await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);
                await PassOnAsync(socket, from);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                if (e.SocketErrorCode is SocketError.OperationAborted or SocketError.Interrupted or SocketError.NotSocket) return;
                // An earlier datagram found nobody, or there is no memory; the next one may be passed on.
                await Task.Delay(FailurePause, _time, CancellationToken.None);
            }
        }
    }

    private async ValueTask PassOnAsync(Socket socket, SocketAddress from)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(AgentProtocol.PayloadMax + 1);
        try
        {
            do
            {
                var count = await socket.ReceiveFromAsync(buffer, SocketFlags.None, from);
                // What does not fit into a frame is lost, as it would be in a network that cannot carry it.
                if (count <= AgentProtocol.PayloadMax) FlowOf(socket, from)?.Send(buffer.AsSpan(0, count));
            }
            while (socket.Available > 0);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private AgentFlow? FlowOf(Socket socket, SocketAddress from)
    {
        AgentFlow? oldest = null;
        AgentFlow? flow;
        lock (_lock)
        {
            if (_isEnded) return null;
            if (_flows.TryGetValue(from, out var node))
            {
                Touch(node);
                if (!node.Value.IsOver) return node.Value;
                Forget(node.Value);
            }

            if (_session() is not { } session) return null;
            var client = new SocketAddress(from.Family, from.Size);
            from.Buffer.Span[..from.Size].CopyTo(client.Buffer.Span);
            flow = session.Add(id => new AgentFlow(session, id, this, socket, client));
            if (flow is null) return null;
            if (_flows.Count >= FlowsMax) oldest = _byAge.First!.Value;
            if (_flows.Count == 0) _timer.Change(_idle / 2, _idle / 2);
            _flows[client] = _byAge.AddLast(flow);
            flow.Open(_guest with { Ip = IpText.ToReach(_guest.Ip) });
            flow.Heard = _time.GetTimestamp();
        }

        oldest?.End();
        return flow;
    }

    /// <summary>Something came from the guest.</summary>
    public void Touch(AgentFlow flow)
    {
        lock (_lock)
            if (_flows.TryGetValue(flow.Client, out var node)) Touch(node);
    }

    private void Touch(LinkedListNode<AgentFlow> node)
    {
        node.Value.Heard = _time.GetTimestamp();
        _byAge.Remove(node);
        _byAge.AddLast(node);
    }

    private void ForgetSilent()
    {
        List<AgentFlow> silent;
        lock (_lock)
        {
            silent = [.. _byAge.TakeWhile(flow => _time.GetElapsedTime(flow.Heard) >= _idle)];
            if (silent.Count == _flows.Count && !_isEnded) _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        foreach (var flow in silent)
        {
            flow.End();
            Forget(flow);
        }
    }

    private void ForgetAll()
    {
        List<AgentFlow> all;
        lock (_lock) all = [.. _byAge];
        foreach (var flow in all) flow.End();
    }
}
