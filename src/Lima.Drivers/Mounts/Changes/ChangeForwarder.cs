using System.Collections.Immutable;
using System.Text;
using Lima.Domain.Mounts;
using Lima.Domain.Specs;
using Lima.Drivers.Processes;
using Lima.Drivers.Ssh;

namespace Lima.Drivers.Mounts.Changes;

/// <summary>
/// Watches, gathers for a moment, and tells. While the guest is being told, further changes gather, so however slow it is, it
/// hears of all of them in the end, and of each path no more often than it can take in.
/// </summary>
internal sealed class ChangeForwarder : IChangeForwarder
{
    private const int PathsMax = 4096;
    private const int ToldMax = 10_000;
    private const int ProblemsMax = 16;
    private const int OutputMax = 1024;

    // Long enough for the several events of one change of a file to become one.
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan TellLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(2);

    private readonly ISshSession _session;
    private readonly TimeProvider _time;
    private readonly ImmutableArray<WatchedDirectory> _directories;
    private readonly ImmutableArray<DirectoryWatch> _watches;
    private readonly CancellationTokenSource _ended = new();
    private readonly SemaphoreSlim _something = new(0, 1);
    private readonly Lock _lock = new();
    private readonly PendingChanges _pending = new(PathsMax);
    private readonly ToldFiles _told = new(ToldMax);
    private readonly Task _telling;
    private ImmutableArray<string> _problems = [];

    /// <summary>Begins.</summary>
    public ChangeForwarder(ImmutableArray<MountSpec> mounts, ISshSession session, TimeProvider time)
    {
        (_session, _time) = (session, time);
        _directories = [.. mounts.Where(mount => mount.Writable).Select(Resolve).OfType<WatchedDirectory>()];
        _watches = [.. _directories.Select(directory => new DirectoryWatch(directory.RealLocation, Changed, Problem))];
        Watching = DedicatedThread.Run("mount watch", Begin);
        _telling = TellAsync();
    }

    /// <inheritdoc/>
    public Task Watching { get; }

    /// <inheritdoc/>
    public ImmutableArray<string> Problems
    {
        get
        {
            lock (_lock) return _problems;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await Watching;
        foreach (var watch in _watches) watch.Dispose();
        await _telling;
        // A last event may still be on its way to the semaphore, which holds nothing that needs to be given back.
        _ended.Dispose();
    }

    private WatchedDirectory? Resolve(MountSpec mount)
    {
        if (NativeLinks.RealPath(Encoding.UTF8.GetBytes(mount.Location), out _) is { } real && Directory.Exists(mount.Location))
            return new WatchedDirectory(mount.Location, Encoding.UTF8.GetString(real), mount.MountPoint);
        Problem($"{mount.Location} is not watched: it is no directory");
        return null;
    }

    private bool Begin()
    {
        foreach (var watch in _watches)
        {
            if (_ended.IsCancellationRequested) return false;
            watch.Begin();
        }

        return true;
    }

    private void Changed(HostChange happened)
    {
        if (_ended.IsCancellationRequested || GuestPaths.Of(_directories, happened.Path) is not { } path) return;
        var change = new ChangedPath(path, happened.Path);
        var mark = FileMarks.Of(happened.Path);
        var mount = MountOf(path);
        lock (_lock)
        {
            if (mark is null) _told.Forget(path);
            else if (!_told.IsNews(path, mark.Value)) return;
            _pending.Add(change, mount);
            if (happened.ChangesItsDirectory) _pending.Add(change.Parent(mount), mount);
        }

        Wake();
    }

    private ChangedPath MountOf(string path)
    {
        var mount = _directories.Where(directory => GuestPaths.IsIn(path, directory.MountPoint)).MaxBy(directory => directory.MountPoint.Length)!;
        return new ChangedPath(mount.MountPoint, mount.RealLocation);
    }

    private void Wake()
    {
        try
        {
            _something.Release();
        }
        catch (SemaphoreFullException)
        {
            // Somebody else was quicker.
        }
    }

    private async Task TellAsync()
    {
        try
        {
            while (true)
            {
                await _something.WaitAsync(_ended.Token);
                await Task.Delay(Gather, _time, _ended.Token);
                while (Batch() is { IsEmpty: false } batch) await TellAsync(batch);
            }
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // That is the end.
        }
    }

    private async Task TellAsync(ImmutableArray<ChangedPath> batch)
    {
        var notices = Remember(batch);
        if (!await SendAsync(GuestNotice.Of(notices)))
        {
            // Whoever owns the session disposes this with it; mounts that come back begin with nothing remembered.
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, _ended.Token);
        }

        foreach (var (change, notice) in batch.Zip(notices))
            if (notice.Mark is { } told) FileMarks.Restore(change.Host, told);
    }

    // As it is now, and not as it was when it was noticed: an older time would be put back.
    private ImmutableArray<Notice> Remember(ImmutableArray<ChangedPath> batch)
    {
        var seen = batch.Select(change => (change.Guest, Mark: FileMarks.Of(change.Host))).ToList();
        lock (_lock)
        {
            foreach (var (path, mark) in seen)
                if (mark is { } told) _told.Tell(path, told);
        }

        // The time of a link would be given to what it leads to.
        return [.. seen.Select(file => new Notice(file.Guest, file.Mark is { } mark && FileMarks.IsLink(mark) ? null : file.Mark))];
    }

    private async Task<bool> SendAsync(string command)
    {
        while (true)
        {
            try
            {
                await _session.ExecAsync(command, TellLimit, OutputMax, _ended.Token);
                return true;
            }
            catch (DriverException) when (!_session.Closed.IsCompleted)
            {
                await Task.Delay(RetryPause, _time, _ended.Token);
            }
            catch (DriverException)
            {
                return false;
            }
        }
    }

    private ImmutableArray<ChangedPath> Batch()
    {
        lock (_lock) return _pending.Take(GuestNotice.BytesMax, GuestNotice.Cost);
    }

    private void Problem(string sentence)
    {
        lock (_lock)
        {
            if (_problems.Length < ProblemsMax && !_problems.Contains(sentence)) _problems = _problems.Add(sentence);
        }
    }
}
