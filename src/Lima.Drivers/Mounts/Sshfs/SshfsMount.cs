using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Lima.Drivers.Processes;

namespace Lima.Drivers.Mounts.Sshfs;

/// <summary>One mount: the SSH client, the SFTP server, and the gate between them. When either of them ends, the mount has.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "See the token source.")]
internal sealed class SshfsMount : ILiveMount
{
    private const int ConnectionFailed = 255;

    private static readonly TimeSpan LastWordsLimit = TimeSpan.FromSeconds(2);

    private readonly PipedProcess _client;
    private readonly PipedProcess _server;
    // Without a timer it holds nothing, and it may be asked to cancel again after the end.
    private readonly CancellationTokenSource _ended = new();

    /// <summary>Takes over both processes.</summary>
    public SshfsMount(PipedProcess client, PipedProcess server, SftpPlaces places)
    {
        (_client, _server) = (client, server);
        Broken = KeepAsync(places);
    }

    /// <inheritdoc/>
    public Task<string> Broken { get; }

    /// <summary>Number of the SFTP server's process.</summary>
    internal int ServerPid => _server.Pid;

    /// <inheritdoc/>
    /// <remarks>May be called again: who lets go of a mount and is interrupted does so once more.</remarks>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        // It ends both processes before it completes.
        await Broken;
    }

    private async Task<string> KeepAsync(SftpPlaces places)
    {
        await Task.Yield();
        using var gate = new SftpGate(_client.Stream, _server.Stream, places);
        var requests = CarryAsync(gate.CarryRequestsAsync);
        var answers = CarryAsync(gate.CarryAnswersAsync);
        await Task.WhenAny(requests, answers, _client.Exited, _server.Exited);
        var asked = _ended.IsCancellationRequested;
        var isServers = !requests.IsCompleted && !_client.Exited.IsCompleted;
        // Each learns of the other's end by the end of its own streams, and says why before it goes.
        _server.CloseInput();
        _client.CloseInput();
        await Task.WhenAny(isServers ? _server.Exited : _client.Exited, Task.Delay(LastWordsLimit));
        var reason = asked ? "it was let go" : await Violation(requests) ?? (isServers ? await ServerEndAsync() : null) ?? await ClientEndAsync();
        await _ended.CancelAsync();
        await Task.WhenAll(requests, answers);
        await _client.DisposeAsync();
        await _server.DisposeAsync();
        return reason;
    }

    private static async Task<string?> Violation(Task<string?> requests) =>
        requests.IsCompleted && await requests is { } violation ? $"the guest does not speak SFTP as it should: {violation}" : null;

    private async Task<string> ClientEndAsync()
    {
        if (!_client.Exited.IsCompleted) return "sshfs in the guest closed the connection";
        var words = await _client.LastWordsAsync();
        return (await _client.Exited, words) switch
        {
            (0, _) => "it was unmounted in the guest",
            (ConnectionFailed, "") => "sshfs was killed in the guest, or its SSH connection broke",
            (ConnectionFailed, _) => $"the SSH connection of the mount ended: {words}",
            var (status, _) => $"sshfs in the guest ended with status {status}{(words.Length == 0 ? "" : $": {words}")}",
        };
    }

    private async Task<string?> ServerEndAsync() =>
        _server.Exited.IsCompleted && await _server.Exited is var status and not 0
            ? $"sftp-server on the host ended with status {status}{(await _server.LastWordsAsync() is { Length: > 0 } words ? $": {words}" : "")}"
            : null;

    /// <summary>Carries one direction to its end; what it found wrong with the guest's words.</summary>
    private async Task<string?> CarryAsync(Func<CancellationToken, Task> carry)
    {
        try
        {
            await carry(_ended.Token);
            return null;
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            return null;
        }
    }
}
