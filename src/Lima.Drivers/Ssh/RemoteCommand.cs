using System.Diagnostics.CodeAnalysis;
using Renci.SshNet;

namespace Lima.Drivers.Ssh;

/// <summary>
/// One command on an open connection. The library blocks while it opens a channel and while it reads, so both happen on
/// threads that live as long as the command.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A token source without a timer holds nothing, and may be cancelled after the end.")]
internal sealed class RemoteCommand(SshClient client, string command, int outputLimit)
{
    // Cancelled only by Abandon: the library's handler sends a signal and then blocks for up to half a second.
    private readonly CancellationTokenSource _abandon = new();

    /// <summary>Runs it to its end; throws what the library throws.</summary>
    public async Task<SshResult> RunAsync()
    {
        using var running = client.CreateCommand(command);
        var (execution, output, error) = await DedicatedThread.Run("ssh command", () => StartAndRead(running));
        await execution;
        var errors = await error;
        return new SshResult(running.ExitStatus, output.Text, errors.Text, output.Truncated || errors.Truncated);
    }

    /// <summary>Lets it end soon, without waiting: it gets a TERM signal and its channel is closed.</summary>
    public void Abandon() => _ = DedicatedThread.Run("ssh abandon", () =>
    {
        _abandon.Cancel();
        return true;
    });

    private (Task Execution, BoundedOutput Output, Task<BoundedOutput> Error) StartAndRead(SshCommand running)
    {
        var execution = running.ExecuteAsync(_abandon.Token);
        // Abandoned before it began: then the library leaves its streams open, and reading would never end.
        if (execution.IsCanceled) return (execution, BoundedOutput.Nothing, Task.FromResult(BoundedOutput.Nothing));
        var error = DedicatedThread.Run("ssh command errors", () => BoundedOutput.Read(running.ExtendedOutputStream, outputLimit));
        return (execution, BoundedOutput.Read(running.OutputStream, outputLimit), error);
    }
}
