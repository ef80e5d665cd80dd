using System.Collections.Concurrent;
using Renci.SshNet;

namespace Lima.Drivers.Ssh;

/// <summary>One authenticated connection by SSH.NET.</summary>
internal sealed class SshNetSession : ISshSession
{
    // OpenSSH's server allows ten sessions on a connection; two are left for pings.
    private const int CommandsMax = 8;

    private static readonly TimeSpan CommandsEndLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LeaveLimit = TimeSpan.FromSeconds(5);

    private readonly SshTarget _target;
    private readonly SshClient _client;
    private readonly ConcurrentDictionary<RemoteCommand, Task> _running = new();
    private readonly SemaphoreSlim _gate = new(CommandsMax);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile int _disposed;
    private long _answered = TimeProvider.System.GetTimestamp();

    /// <summary>Takes over a client that is about to log in.</summary>
    public SshNetSession(SshTarget target, SshClient client)
    {
        _target = target;
        _client = client;
        _client.ErrorOccurred += (_, _) => _closed.TrySetResult();
    }

    /// <inheritdoc/>
    public Task Closed => _closed.Task;

    /// <inheritdoc/>
    public TimeSpan Silence => TimeProvider.System.GetElapsedTime(Interlocked.Read(ref _answered));

    /// <inheritdoc/>
    public async Task<SshResult> ExecAsync(string command, TimeSpan limit, int outputLimit, CancellationToken cancel)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(limit);
        try
        {
            await _gate.WaitAsync(deadline.Token);
            // The place is given back when the command is over, which may be after its caller has given up.
            return await RunAsync(command, outputLimit, () => _gate.Release(), deadline.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw SshErrors.CommandDeadline(_target, limit);
        }
    }

    /// <inheritdoc/>
    public async Task PingAsync(TimeSpan limit, CancellationToken cancel)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(limit);
        try
        {
            // Any exit status is an answer.
            await RunAsync("true", 0, () => { }, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw SshErrors.Mute(_target, limit);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _closed.TrySetResult();
        // The library tells running commands nothing of the end of their connection; they would wait for ever.
        foreach (var command in _running.Keys) command.Abandon();
        await Task.WhenAll(_running.Values).WaitAsync(CommandsEndLimit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // Taking leave of a dead peer may block. The thread ends by itself; nobody needs to wait for it long.
        Task leave = DedicatedThread.Run("ssh leave", Leave);
        await leave.WaitAsync(LeaveLimit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<SshResult> RunAsync(string command, int outputLimit, Action over, CancellationToken cancel)
    {
        var running = new RemoteCommand(_client, command, outputLimit);
        var work = running.RunAsync();
        _running[running] = work;
        _ = AfterAsync(running, work, over);
        // Added too late to be seen by a disposal that began meanwhile.
        if (_disposed != 0) running.Abandon();
        try
        {
            var result = await work.WaitAsync(cancel);
            Interlocked.Exchange(ref _answered, TimeProvider.System.GetTimestamp());
            return result;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            running.Abandon();
            throw;
        }
        catch (Exception failure)
        {
            if (IsConnected()) throw SshErrors.Failed(_target, failure);
            _closed.TrySetResult();
            throw SshErrors.Lost(_target, failure);
        }
    }

    private async Task AfterAsync(RemoteCommand running, Task work, Action over)
    {
        await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _running.TryRemove(running, out _);
        over();
    }

    private bool IsConnected()
    {
        try
        {
            return _disposed == 0 && _client.IsConnected;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    private bool Leave()
    {
        try
        {
            _client.Dispose();
            return true;
        }
        catch (Exception)
        {
            // The peer is gone, or the library stumbles over its own half-open state: either way this session is over.
            return false;
        }
    }
}
