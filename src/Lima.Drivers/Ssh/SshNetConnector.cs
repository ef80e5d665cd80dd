using System.Security.Cryptography;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace Lima.Drivers.Ssh;

/// <summary>Sessions by SSH.NET. All that blocks in the library runs on threads of its own.</summary>
public sealed class SshNetConnector : ISshConnector
{
    /// <summary>The longest wait for one step of a login, and for a channel to open. A guest under plain emulation is slow.</summary>
    private static readonly TimeSpan StepLimit = TimeSpan.FromSeconds(30);

    // The library blocks the caller beyond this number; the session's own gate is lower and does not block.
    private const int LibrarySessionsMax = 1000;

    /// <inheritdoc/>
    /// <remarks>Newer servers punish addresses that often connect without logging in: once true, log in instead of asking again.</remarks>
    public Task<bool> AnswersAsync(SshTarget target, TimeSpan limit, CancellationToken cancel) =>
        SshBanner.AnswersAsync(target.Host, target.Port, limit, cancel);

    /// <inheritdoc/>
    public async Task<ISshSession> ConnectAsync(SshTarget target, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var login = DedicatedThread.Run("ssh login", () => Login(target));
        try
        {
            return await login.WaitAsync(cancel);
        }
        catch (OperationCanceledException) when (!login.IsCompleted)
        {
            // The library cannot be stopped half-way; what it may still open is closed.
            _ = CloseLateAsync(login);
            throw;
        }
    }

    private static async Task CloseLateAsync(Task<SshNetSession> login)
    {
        try
        {
            await (await login).DisposeAsync();
        }
        catch (DriverException)
        {
            // It came to nothing, and nobody waits for it any more.
        }
    }

    private static SshNetSession Login(SshTarget target)
    {
        if (!PublicKey.TryParse(target.HostKey.Trim(), out var hostKey)) throw SshErrors.BadHostKey(target);
        var client = new SshClient(Information(target, hostKey));
        var expected = hostKey.Blob();
        var refused = false;
        client.HostKeyReceived += (_, received) =>
        {
            received.CanTrust = CryptographicOperations.FixedTimeEquals(expected, received.HostKey);
            refused |= !received.CanTrust;
        };
        try
        {
            // Subscribed before the login, lest a connection that breaks at once is never noticed.
            var session = new SshNetSession(target, client);
            client.Connect();
            return session;
        }
        catch (Exception failure)
        {
            client.Dispose();
            throw refused ? SshErrors.WrongHostKey(target, failure) : SshErrors.Connecting(target, failure);
        }
    }

    private static ConnectionInfo Information(SshTarget target, PublicKey hostKey)
    {
        var information = new ConnectionInfo(
            target.Host, target.Port, target.User, new PrivateKeyAuthenticationMethod(target.User, Key(target)))
        {
            Timeout = StepLimit,
            MaxSessions = LibrarySessionsMax,
        };
        KeepOnly(information.HostKeyAlgorithms, hostKey.Algorithm);
        return information;
    }

    // A server with several keys must show the one that we know.
    private static void KeepOnly<T>(IDictionary<string, T> algorithms, string algorithm)
    {
        if (!algorithms.ContainsKey(algorithm)) return;
        foreach (var other in algorithms.Keys.Where(name => name != algorithm).ToList()) algorithms.Remove(other);
    }

    private static PrivateKeyFile Key(SshTarget target)
    {
        try
        {
            return new PrivateKeyFile(target.PrivateKey);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or SshException or NotSupportedException)
        {
            throw SshErrors.PrivateKey(target, failure);
        }
    }
}
