using System.Diagnostics;
using Lima.GuestAgent.Agent;
using Lima.GuestAgent.Native;

namespace Lima.GuestAgent.Listeners;

/// <summary>
/// Knows what listens, on a thread of its own: it looks when the kernel says that something has changed, and otherwise seldom. However much
/// changes, it looks for no more than about a tenth of the time.
/// </summary>
/// <param name="changed">Told all that listens when that has changed, and once at the beginning; on this thread.</param>
/// <param name="tracing">Where tracing is mounted.</param>
internal sealed unsafe class ListenerWatch(Action<ListeningSet> changed, string tracing) : IDisposable
{
    /// <summary>A pause is so many times as long as what was done before it.</summary>
    public const int PauseFactor = 9;

    private static readonly TimeSpan
        // Only the safety net.
        Sweep = TimeSpan.FromSeconds(30),
        // Where the kernel does not tell of changes.
        Poll = TimeSpan.FromSeconds(1),
        // The kernel tells of a listener a moment before it can be seen; a second look sees it for sure.
        SecondLook = TimeSpan.FromMilliseconds(20),
        ShortestPause = TimeSpan.FromMilliseconds(5), LongestPause = TimeSpan.FromSeconds(10);

    private readonly int _stop = Libc.EventDescriptor(0, Libc.NonBlocking | Libc.CloseOnExec);
    private Thread? _thread;

    /// <summary>Begins.</summary>
    public void Start()
    {
        _thread = new Thread(Run, 256 * 1024) { IsBackground = true, Name = "listeners" };
        _thread.Start();
    }

    /// <summary>Ends it, and what it has set up in the kernel.</summary>
    public void Dispose()
    {
        ReadOnlySpan<byte> one = [1, 0, 0, 0, 0, 0, 0, 0];
        _ = Descriptors.Write(_stop, one);
        _thread?.Join(TimeSpan.FromSeconds(5));
        _ = Libc.Close(_stop);
    }

    private void Run()
    {
        using var trace = KernelTrace.Open(tracing, out var reason);
        using var ends = SocketEnds.Open();
        if (trace is null) Log.Say($"this kernel does not tell of listeners ({reason}); they are looked for once a second");
        var interval = trace is { HasTcp: true, HasUdp: true } ? Sweep : Poll;
        using var source = new ListenerSources();
        var known = source.Look();
        changed(known);
        var (due, pause) = (After(SecondLook), ShortestPause);
        while (Wait(pause) && Wait(Until(due), trace?.Descriptor ?? -1, ends?.Descriptor ?? -1))
        {
            var began = Stopwatch.GetTimestamp();
            var isNews = trace?.Drain() == true | ends?.Concerns(known) == true;
            if (isNews || began >= due)
            {
                var now = source.Look();
                if (!now.Equals(known)) changed(now);
                known = now;
                due = After(isNews ? SecondLook : interval);
            }

            pause = TimeSpan.FromTicks(Math.Clamp((Stopwatch.GetElapsedTime(began) * PauseFactor).Ticks, ShortestPause.Ticks, LongestPause.Ticks));
        }
    }

    /// <summary>Until one of the descriptors has something or the time is over; false when it is to stop.</summary>
    private bool Wait(TimeSpan time, int first = -1, int second = -1)
    {
        var entries = stackalloc PollEntry[3];
        entries[0] = new PollEntry { Descriptor = _stop, Wanted = Libc.PollIn };
        entries[1] = new PollEntry { Descriptor = first, Wanted = Libc.PollIn };
        entries[2] = new PollEntry { Descriptor = second, Wanted = Libc.PollIn };
        _ = Libc.Poll(entries, 3, (int)Math.Ceiling(time.TotalMilliseconds));
        return entries[0].Seen == 0;
    }

    private static long After(TimeSpan time) => Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);

    private static TimeSpan Until(long due) => due <= Stopwatch.GetTimestamp() ? TimeSpan.Zero : Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
}
