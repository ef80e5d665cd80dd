using Lima.Drivers.Instances;
using Lima.Host.Journal;

namespace Lima.Host;

/// <summary>
/// Notices when this host cannot be reached any more or does not own its home any more. One whose socket or lock was
/// removed would live on unseen and keep its VMs from the next one, so it ends; the next command starts a new one.
/// The kernel tells of changes in the two directories, so that an idle host sleeps; a look now and then covers what it
/// does not tell (file systems of the network, a home that was moved away).
/// </summary>
internal sealed class HostGuard(
    HostLock hostLock, LimaHome home, JournalGuard journal, IHostApplicationLifetime lifetime, ILogger<HostGuard> log) : BackgroundService
{
    private static readonly TimeSpan Seldom = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Unwatched = TimeSpan.FromSeconds(5);
    private readonly SemaphoreSlim _changed = new(0, 1);
    private long _socket;

    /// <summary>Whether what stands at the socket's path is this host's.</summary>
    public bool OwnsSocket => _socket != 0 && FileIdentity.Inode(home.ApiSocket) == _socket;

    /// <summary>Remembers the socket, once it has been made.</summary>
    public void Serving()
    {
        _socket = FileIdentity.Inode(home.ApiSocket);
        Changed();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _changed.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var files = Watch(home.HostDirectory, NotifyFilters.FileName);
        using var directories = Watch(home.Path, NotifyFilters.DirectoryName);
        var interval = files is null || directories is null ? Unwatched : Seldom;
        try
        {
            while (_socket == 0 || IsWell()) await _changed.WaitAsync(interval, stoppingToken);
            lifetime.StopApplication();
        }
        catch (OperationCanceledException)
        {
            // The host is ending anyway.
        }
    }

    private FileSystemWatcher? Watch(string directory, NotifyFilters filter)
    {
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new FileSystemWatcher(directory) { NotifyFilter = filter };
            watcher.Deleted += (_, _) => Changed();
            watcher.Renamed += (_, _) => Changed();
            watcher.Created += (_, _) => Changed();
            watcher.Error += (_, _) => Changed();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            // The user has as many watches as the system allows.
            log.LogWarning("changes in {Directory} are not told by the system ({Reason}); looking every {Interval}", directory, e.Message, Unwatched);
            watcher?.Dispose();
            return null;
        }
    }

    private void Changed()
    {
        try
        {
            _changed.Release();
        }
        catch (Exception e) when (e is SemaphoreFullException or ObjectDisposedException)
        {
            // A look is due anyway, or there will be none.
        }
    }

    private bool IsWell()
    {
        if (journal.Problem() is not null) return false;
        if (hostLock.IsInPlace && OwnsSocket) return true;
        log.LogError("the socket or the lock in {Directory} was removed or replaced; this host ends, VMs go on", home.HostDirectory);
        return false;
    }
}
