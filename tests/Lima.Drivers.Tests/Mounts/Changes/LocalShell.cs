using System.Collections.Concurrent;
using System.Diagnostics;
using Lima.Drivers.Ssh;

namespace Lima.Drivers.Tests.Mounts.Changes;

/// <summary>A session whose guest is this machine.</summary>
internal sealed class LocalShell : ISshSession
{
    private readonly TaskCompletionSource _closed = new();

    /// <summary>Every command line so far.</summary>
    public ConcurrentQueue<string> Commands { get; } = new();

    public Task Closed => _closed.Task;

    public TimeSpan Silence => TimeSpan.Zero;

    /// <summary>How many next commands fail.</summary>
    public int Failures { get; set; }

    public async Task<SshResult> ExecAsync(string command, TimeSpan limit, int outputLimit, CancellationToken cancel)
    {
        if (Failures-- > 0) throw new DriverException("ssh-down", "test", "it failed");
        Commands.Enqueue(command);
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]))!;
        await process.WaitForExitAsync(cancel).WaitAsync(limit, cancel);
        return new SshResult(process.ExitCode, "", "", Truncated: false);
    }

    public Task PingAsync(TimeSpan limit, CancellationToken cancel) => Task.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _closed.TrySetResult();
        return ValueTask.CompletedTask;
    }
}
