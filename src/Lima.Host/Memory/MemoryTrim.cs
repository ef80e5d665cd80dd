using System.Threading.Channels;
using Lima.Actors.Settings;
using Lima.Actors.Vms;

namespace Lima.Host.Memory;

/// <summary>
/// Gives memory back once the host has come to rest: what its start, a boot or a crowd of requests needed is many times
/// what it needs to wait. Happens twice after work: soon, and again when actors of stopped VMs have left memory. While
/// nothing happens it sleeps without a timer, and a host that is always asked something is never disturbed.
/// </summary>
internal sealed class MemoryTrim(VmReadModel model, EventFeed feed, LimaActorSettings settings, TimeProvider time)
{
    // Longer than the pauses between the commands of someone who is at work.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AfterPassivation = TimeSpan.FromSeconds(15);

    // Between the two looks at what is mapped; a library that is being loaded is ready long before.
    private static readonly TimeSpan LooksApart = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> _work = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private long _last;

    /// <summary>Further rest, after which actors of stopped VMs have left memory.</summary>
    private TimeSpan UntilPassivation => TimeSpan.FromTicks(Math.Max(0, (settings.PassivateAfter + AfterPassivation - Rest).Ticks));

    /// <summary>Something is being done.</summary>
    public void Touch()
    {
        Volatile.Write(ref _last, time.GetTimestamp());
        _work.Writer.TryWrite(true);
    }

    /// <summary>Notes every request.</summary>
    public RequestDelegate Watch(RequestDelegate next) => async context =>
    {
        Touch();
        await next(context);
        // One may last for long; what counts is its end.
        Touch();
    };

    /// <summary>Runs beside the host until it ends.</summary>
    public async Task RunAsync(CancellationToken ends)
    {
        try
        {
            await model.Ready.WaitAsync(ends);
            Touch();
            await Task.WhenAll(FollowAsync(ends), TrimAsync(ends));
        }
        catch (OperationCanceledException)
        {
            // The host ends; nothing is left to tidy.
        }
    }

    private async Task FollowAsync(CancellationToken ends)
    {
        using var events = feed.Follow();
        await foreach (var _ in events.News.ReadAllAsync(ends)) Touch();
    }

    private async Task TrimAsync(CancellationToken ends)
    {
        await foreach (var _ in _work.Reader.ReadAllAsync(ends))
        {
            await RestAsync(ends);
            await GiveBackAsync(ends);
            if (await StaysAtRestAsync(UntilPassivation, ends)) await GiveBackAsync(ends);
        }
    }

    /// <summary>Returns when the last work is long enough ago.</summary>
    private async Task RestAsync(CancellationToken ends)
    {
        while (Rest - time.GetElapsedTime(Volatile.Read(ref _last)) is var left && left > TimeSpan.Zero) await Task.Delay(left, time, ends);
        // That work is over; what comes now is new.
        _work.Reader.TryRead(out _);
    }

    /// <summary>False as soon as there is new work.</summary>
    private async Task<bool> StaysAtRestAsync(TimeSpan length, CancellationToken ends)
    {
        using var over = new CancellationTokenSource(length, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, ends);
        try
        {
            await _work.Reader.WaitToReadAsync(either.Token);
            return false;
        }
        catch (OperationCanceledException) when (!ends.IsCancellationRequested)
        {
            return true;
        }
    }

    private async Task GiveBackAsync(CancellationToken ends)
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        NativeHeap.Trim();
        var before = MappedFiles.Read();
        await Task.Delay(LooksApart, time, ends);
        MappedFiles.Release(before);
    }
}
