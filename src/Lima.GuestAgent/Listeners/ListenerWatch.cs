using System.Diagnostics;
using Lima.GuestAgent.Agent;
using Lima.GuestAgent.Native;

namespace Lima.GuestAgent.Listeners;

/// <summary>
/// Knows what listens, on a thread of its own: it looks when the kernel says that something has changed, and otherwise seldom. However much
/// changes, it looks for no more than about a tenth of the time, and not sooner than the host can be told again.
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
        int[] awaited = [_stop, ends?.Descriptor ?? -1, .. trace?.Descriptors ?? []];
        var seen = new bool[awaited.Length];
        while (Wait(pause, awaited.AsSpan(..1), seen) && Wait(Until(due), awaited, seen))
        {
            var began = Stopwatch.GetTimestamp();
            var isChanged = false;
            var isNews = seen.AsSpan(2).Contains(true) | ends?.Concerns(known) == true;
            if (isNews || began >= due)
            {
                var now = source.Look();
                isChanged = !now.Equals(known);
                if (isChanged) changed(now);
                known = now;
                due = After(isNews ? SecondLook : interval);
            }

            var shortest = isChanged ? ListenerNews.Pause : ShortestPause;
            pause = TimeSpan.FromTicks(Math.Clamp((Stopwatch.GetElapsedTime(began) * PauseFactor).Ticks, shortest.Ticks, LongestPause.Ticks));
        }
    }

    /// <summary>Until one of the descriptors has something, as is then marked, or the time is over; false when the first, to stop, has.</summary>
    private static bool Wait(TimeSpan time, ReadOnlySpan<int> descriptors, Span<bool> seen)
    {
        var entries = stackalloc PollEntry[descriptors.Length];
        for (var at = 0; at < descriptors.Length; at++) entries[at] = new PollEntry { Descriptor = descriptors[at], Wanted = Libc.PollIn };
        _ = Libc.Poll(entries, (nuint)descriptors.Length, (int)Math.Ceiling(time.TotalMilliseconds));
        for (var at = 0; at < descriptors.Length; at++) seen[at] = (entries[at].Seen & Libc.PollIn) != 0;
        return !seen[0];
    }

    private static long After(TimeSpan time) => Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);

    private static TimeSpan Until(long due) => due <= Stopwatch.GetTimestamp() ? TimeSpan.Zero : Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
}
