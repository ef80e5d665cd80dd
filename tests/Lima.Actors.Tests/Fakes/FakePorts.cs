using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;
using Lima.Domain.PortForwarding;
using Lima.Drivers;
using Lima.Drivers.Instances;
using Lima.Drivers.PortForwarding;

namespace Lima.Actors.Tests.Fakes;

/// <summary>Forwards that are only written down.</summary>
internal sealed class FakePorts : IPortForwarding
{
    private readonly ConcurrentDictionary<string, FakeGuestPorts> _guests = new();

    /// <summary>Ends of the host that cannot be had.</summary>
    public ConcurrentDictionary<ForwardEnd, bool> Taken { get; } = new();

    /// <summary>The forwards of an instance; null before there are any.</summary>
    public FakeGuestPorts? Of(string name) => _guests.GetValueOrDefault(name);

    public IGuestPorts Begin(InstanceDirectory directory, bool watch, Action<string> log) => _guests[directory.Name.Value] = new FakeGuestPorts(this);

    internal sealed class FakeGuestPorts(FakePorts owner) : IGuestPorts
    {
        private readonly Channel<GuestPortsState> _states = Channel.CreateUnbounded<GuestPortsState>();

        public ConcurrentDictionary<Forward, bool> Open { get; } = new();

        /// <summary>How many were ever begun.</summary>
        public int Begun;

        public bool IsDisposed { get; private set; }

        public ChannelReader<GuestPortsState> States => _states.Reader;

        public void Says(int life, bool isUp, params ImmutableArray<GuestListener> listeners) =>
            _states.Writer.TryWrite(new GuestPortsState(life, isUp, isUp ? "" : "broken", listeners));

        /// <summary>The guest is there and nothing is known of its listeners.</summary>
        public void SaysNothing(int life) => _states.Writer.TryWrite(new GuestPortsState(life, true, "", null));

        /// <summary>States that nobody has read.</summary>
        public int Unread => _states.Reader.Count;

        public Task<IOpenForward> OpenAsync(Forward forward, CancellationToken cancel)
        {
            if (owner.Taken.ContainsKey(forward.Host)) throw new DriverException("port-in-use", "forwarding a port", $"{forward.Host} is in use");
            Interlocked.Increment(ref Begun);
            Open[forward] = true;
            return Task.FromResult<IOpenForward>(new FakeForward(this, forward));
        }

        /// <summary>How often leftovers were ended.</summary>
        public int Sweeps;

        public Task EndLeftoversAsync(CancellationToken cancel)
        {
            Interlocked.Increment(ref Sweeps);
            return Task.CompletedTask;
        }

        /// <summary>Whether there is anything to forward, as was last told.</summary>
        public bool IsNeeded { get; private set; }

        /// <summary>How often the guest's clock was to be set.</summary>
        public int TimesSet;

        public void Need(bool isNeeded) => IsNeeded = isNeeded;

        public Task SetTimeAsync(CancellationToken cancel)
        {
            Interlocked.Increment(ref TimesSet);
            return Task.CompletedTask;
        }

        public Task<Domain.Agent.AgentStatus?> StatusAsync(CancellationToken cancel) => Task.FromResult<Domain.Agent.AgentStatus?>(null);

        public Task CheckAsync(TimeSpan limit, CancellationToken cancel) => Task.CompletedTask;

        public ValueTask DisposeAsync()
        {
            IsDisposed = true;
            Open.Clear();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class FakeForward(FakeGuestPorts ports, Forward forward) : IOpenForward
    {
        private Forward _forward = forward;

        public string Path => "fake";

        public string Warning => "";

        public bool Redirect(ForwardEnd guest)
        {
            ports.Open.TryRemove(_forward, out _);
            _forward = _forward with { Guest = guest };
            ports.Open[_forward] = true;
            return true;
        }

        public ValueTask DisposeAsync()
        {
            ports.Open.TryRemove(_forward, out _);
            return ValueTask.CompletedTask;
        }
    }
}
