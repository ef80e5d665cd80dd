using System.Collections.Immutable;
using Lima.Domain.PortForwarding;
using Lima.Domain.Specs;
using Lima.Drivers.Instances;

namespace Lima.Drivers.PortForwarding;

/// <summary>
/// Has QEMU itself listen on the host for what listens on all addresses of the guest: the shortest way, and one that needs neither SSH nor
/// a host process. Such forwards go on while no host lives; the next one finds them, takes over those that are wanted and ends the others.
/// </summary>
public sealed class QemuForwards : IForwardOpener
{
    // Who does not answer is not asked again for every forward in turn.
    private static readonly TimeSpan MutePause = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly InstanceDirectory _directory;
    private readonly HostEnds _ends;
    private readonly TimeProvider _time;
    private readonly Func<QemuMonitor, CancellationToken, Task<bool>> _reaches;

    // Rules that QEMU has and nobody here wants: of an earlier host, or not ended because QEMU did not answer. Null before QEMU was asked.
    private ImmutableHashSet<QemuRule>? _left;
    private long? _muteSince;
    private volatile bool _isLeaving, _hasNoNetwork;

    /// <summary>For one guest.</summary>
    /// <param name="directory">The instance.</param>
    /// <param name="ends">Who has which end of the host.</param>
    /// <param name="time">For limits.</param>
    public QemuForwards(InstanceDirectory directory, HostEnds ends, TimeProvider time)
        : this(directory, ends, time, new QemuReach(time).AskAsync)
    {
    }

    internal QemuForwards(InstanceDirectory directory, HostEnds ends, TimeProvider time, Func<QemuMonitor, CancellationToken, Task<bool>> reaches) =>
        (_directory, _ends, _time, _reaches) = (directory, ends, time, reaches);

    /// <inheritdoc/>
    public bool IsIPv4Only => true;

    /// <inheritdoc/>
    public bool Opens(Forward forward)
    {
        if (_hasNoNetwork || forward.Reverse || forward.Protocol == PortProtocol.Udp || forward.Host.IsSocket || IpText.IsV6(forward.Host.Ip)) return false;
        // One that it cannot take is still looked at, if a rule may be in the way of who takes it.
        return forward.GuestTakesIPv4 || Volatile.Read(ref _left) is not { } left || left.Any(rule => rule.IsInTheWayOf(forward.Host.Ip, forward.Host.Port));
    }

    /// <inheritdoc/>
    public async Task<IOpenForward> OpenAsync(Forward forward, CancellationToken cancel)
    {
        var rule = new QemuRule(forward.Host.Ip, forward.Host.Port, forward.Guest.Port);
        await TalkAsync(async monitor =>
        {
            var isMine = forward.GuestTakesIPv4 && await _reaches(monitor, cancel);
            foreach (var other in _left!.Where(left => left.IsInTheWayOf(rule.HostIp, rule.HostPort) && !(isMine && left == rule))) await EndAsync(monitor, other, cancel);
            if (!isMine) throw Down($"QEMU does not reach {forward.Guest} of the guest");
            await BeginAsync(monitor, forward, rule, cancel);
        }, cancel);
        return new Opened(this, rule);
    }

    /// <inheritdoc/>
    public Task EndLeftoversAsync(CancellationToken cancel) => Volatile.Read(ref _left) is { IsEmpty: true } || _hasNoNetwork
        ? Task.CompletedTask
        : TalkAsync(async monitor =>
        {
            foreach (var rule in _left!) await EndAsync(monitor, rule, cancel);
        }, cancel);

    /// <inheritdoc/>
    public void Leave() => _isLeaving = true;

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _isLeaving = true;
        return ValueTask.CompletedTask;
    }

    private async Task BeginAsync(QemuMonitor monitor, Forward forward, QemuRule rule, CancellationToken cancel)
    {
        if (_left!.Contains(rule))
        {
            _left = _left.Remove(rule);
            return;
        }

        // QEMU only says that it could not; who has the port, or that it is privileged, is found out here.
        HostSockets.Check(forward.Host, _ends, _directory.Name.Value);
        await monitor.AddAsync(rule, cancel);
    }

    private async Task EndAsync(QemuMonitor monitor, QemuRule rule, CancellationToken cancel)
    {
        await monitor.RemoveAsync(rule, cancel);
        _left = _left!.Remove(rule);
    }

    private async Task TalkAsync(Func<QemuMonitor, Task> talk, CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            if (_muteSince is { } since && _time.GetElapsedTime(since) < MutePause) throw Down("QEMU does not answer");
            _muteSince = _time.GetTimestamp();
            await using var monitor = await QemuMonitor.BeginAsync(_directory, _time, cancel);
            _muteSince = null;
            if (_left is null) await TakeOverAsync(monitor, cancel);
            await talk(monitor);
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task TakeOverAsync(QemuMonitor monitor, CancellationToken cancel)
    {
        var rules = await monitor.RulesAsync(cancel);
        _hasNoNetwork = rules is null;
        if (rules is null) throw Down("the guest has no network of QEMU's own");
        Volatile.Write(ref _left, [.. rules.Keys]);
    }

    private static DriverException Down(string why) => new(IGuestPath.Down, "forwarding a port", why, "another way is taken");

    /// <summary>Ends a forward. When QEMU does not answer it is one that is left.</summary>
    private async Task EndAsync(QemuRule rule)
    {
        if (_isLeaving) return;
        try
        {
            await TalkAsync(monitor => monitor.RemoveAsync(rule, CancellationToken.None), CancellationToken.None);
        }
        catch (DriverException)
        {
            await _one.WaitAsync();
            _left = (_left ?? []).Add(rule);
            _one.Release();
        }
    }

    private sealed class Opened(QemuForwards owner, QemuRule rule) : IOpenForward
    {
        public string Path => "qemu";

        public string Warning => "";

        // Whatever it listens on there, as long as IPv4 leads to it: the domain asks only then.
        public bool Redirect(ForwardEnd guest) => guest.Port == rule.GuestPort;

        public ValueTask DisposeAsync() => new(owner.EndAsync(rule));
    }
}
