using System.Text;
using Lima.Domain.Mounts;
using Lima.Drivers.Ssh;

namespace Lima.Drivers.Tests.Mounts;

/// <summary>A guest that has a mount table and nothing else; commands are kept for tests to read.</summary>
internal sealed class FakeGuestSession : ISshSession
{
    private readonly TaskCompletionSource _closed = new();

    public List<GuestMount> Table { get; } = [];

    public List<string> Commands { get; } = [];

    public int Looks { get; private set; }

    /// <summary>What the next commands that are no looks answer; success when there is nothing.</summary>
    public Queue<SshResult> Answers { get; } = [];

    public Task Closed => _closed.Task;

    public TimeSpan Silence => TimeSpan.Zero;

    public Task<SshResult> ExecAsync(string command, TimeSpan limit, int outputLimit, CancellationToken cancel)
    {
        if (command == "cat /proc/self/mountinfo")
        {
            Looks++;
            return Task.FromResult(new SshResult(0, Text(), "", false));
        }

        Commands.Add(command);
        if (command.Contains("umount", StringComparison.Ordinal)) Table.RemoveAll(row => command.EndsWith(' ' + row.MountPoint, StringComparison.Ordinal));
        return Task.FromResult(Answers.TryDequeue(out var answer) ? answer : new SshResult(0, "", "", false));
    }

    public Task PingAsync(TimeSpan limit, CancellationToken cancel) => Task.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _closed.TrySetResult();
        return ValueTask.CompletedTask;
    }

    private string Text()
    {
        var text = new StringBuilder();
        foreach (var row in Table) text.Append($"1 2 0:3 / {row.MountPoint} {(row.ReadOnly ? "ro" : "rw")} - {row.FsType} {row.Source} rw\n");
        return text.ToString();
    }
}
