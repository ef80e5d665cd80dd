using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Lima.GuestAgent.Native;

namespace Lima.GuestAgent.Agent;

/// <summary>
/// One thread that waits for all descriptors at once and calls who is concerned. Nothing in it blocks, so nothing needs a lock; it
/// wakes for events and deadlines alone. Events are edges: a handler goes on until the kernel says "try again".
/// </summary>
internal sealed unsafe class EventLoop : IDisposable
{
    public const uint In = 0x1, Out = 0x4, Failed = 0x8, HungUp = 0x10, PeerEnded = 0x2000;
    private const uint Edge = 1u << 31;
    private const int Add = 1, Delete = 2, Batch = 64;

    // The kernel packs the structure on x86-64 alone.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventBytes = DataOffset + 8;

    private readonly int _epoll = Libc.EpollCreate(Libc.CloseOnExec);
    private readonly int _wake = Libc.EventDescriptor(0, Libc.NonBlocking | Libc.CloseOnExec);
    private readonly Dictionary<int, (uint Life, Action<uint> Handler)> _watched = [];
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly Queue<Action> _soon = new();
    private readonly PriorityQueue<Deadline, long> _deadlines = new();
    private uint _life;
    private bool _stops;

    public EventLoop() => Watch(_wake, In, _ => TakeWake());

    /// <summary>Calls the handler with the events of a descriptor, from its state of now on, until <see cref="Forget"/>.</summary>
    public void Watch(int descriptor, uint events, Action<uint> handler)
    {
        _watched[descriptor] = (++_life, handler);
        Control(Add, descriptor, events | Edge);
    }

    /// <summary>Before the descriptor is closed. Events that are under way are not delivered.</summary>
    public void Forget(int descriptor)
    {
        if (_watched.Remove(descriptor)) Control(Delete, descriptor, 0);
    }

    /// <summary>Runs something on this loop's thread; the one thing here that any thread may call.</summary>
    public void Post(Action work)
    {
        _posted.Enqueue(work);
        ReadOnlySpan<byte> one = [1, 0, 0, 0, 0, 0, 0, 0];
        _ = Descriptors.Write(_wake, one);
    }

    /// <summary>Runs something when the events that are here have been handled.</summary>
    public void Soon(Action work) => _soon.Enqueue(work);

    /// <summary>Runs something once, later, unless it is called off.</summary>
    public Deadline After(TimeSpan delay, Action work)
    {
        var deadline = new Deadline(work);
        _deadlines.Enqueue(deadline, Stopwatch.GetTimestamp() + (long)(delay.TotalSeconds * Stopwatch.Frequency));
        return deadline;
    }

    /// <summary>Ends <see cref="Run"/> when what is being handled is done.</summary>
    public void Stop() => _stops = true;

    /// <summary>Until <see cref="Stop"/>.</summary>
    public void Run()
    {
        var events = stackalloc byte[Batch * EventBytes];
        while (!_stops)
        {
            var count = Libc.EpollWait(_epoll, events, Batch, UntilDeadline());
            for (var at = 0; at < count && !_stops; at++)
            {
                var one = events + at * EventBytes;
                var (descriptor, life) = (*(int*)(one + DataOffset), *(uint*)(one + DataOffset + 4));
                // A descriptor that was closed in this round may have been given out again.
                if (_watched.TryGetValue(descriptor, out var watched) && watched.Life == life) watched.Handler(*(uint*)one);
            }

            while (!_stops && _posted.TryDequeue(out var work)) work();
            RunDeadlines();
            // What these ask for comes after the next look at the descriptors, so that nobody has the loop for himself.
            for (var left = _soon.Count; left > 0 && !_stops; left--) _soon.Dequeue()();
        }
    }

    public void Dispose()
    {
        _ = Libc.Close(_epoll);
        _ = Libc.Close(_wake);
    }

    private void Control(int operation, int descriptor, uint events)
    {
        var change = stackalloc byte[EventBytes];
        *(uint*)change = events;
        *(int*)(change + DataOffset) = descriptor;
        *(uint*)(change + DataOffset + 4) = _life;
        if (Libc.EpollControl(_epoll, operation, descriptor, change) < 0 && operation == Add)
            throw new InvalidOperationException($"a descriptor cannot be watched: {Errno.Text(Libc.Error)}");
    }

    private void TakeWake()
    {
        Span<byte> count = stackalloc byte[8];
        _ = Descriptors.Read(_wake, count);
    }

    private int UntilDeadline()
    {
        if (_soon.Count > 0 || !_posted.IsEmpty) return 0;
        while (_deadlines.TryPeek(out var next, out var at))
        {
            if (next.IsOff)
            {
                _deadlines.Dequeue();
                continue;
            }

            var milliseconds = Math.Ceiling((at - Stopwatch.GetTimestamp()) * 1000.0 / Stopwatch.Frequency);
            return (int)Math.Clamp(milliseconds, 0, int.MaxValue);
        }

        return -1;
    }

    private void RunDeadlines()
    {
        while (!_stops && _deadlines.TryPeek(out _, out var at) && at <= Stopwatch.GetTimestamp())
            _deadlines.Dequeue().Run();
    }
}
