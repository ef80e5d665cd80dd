namespace Lima.Drivers.Ssh;

/// <summary>Opens authenticated sessions with guests.</summary>
public interface ISshConnector
{
    /// <summary>Reads the server's greeting without logging in: true once an SSH server answers.</summary>
    Task<bool> AnswersAsync(SshTarget target, TimeSpan limit, CancellationToken cancel);

    /// <summary>Logs in. The host key must be the one that was injected.</summary>
    /// <exception cref="DriverException">No connection, wrong host key, or key refused.</exception>
    Task<ISshSession> ConnectAsync(SshTarget target, CancellationToken cancel);
}

/// <summary>Where and as whom.</summary>
/// <param name="Host">Address, normally 127.0.0.1.</param>
/// <param name="Port">TCP port.</param>
/// <param name="User">Login name in the guest.</param>
/// <param name="PrivateKey">Path of the private key.</param>
/// <param name="HostKey">The server's public key in OpenSSH's one-line form (<c>ssh-ed25519 AAAA…</c>).</param>
public sealed record SshTarget(string Host, int Port, string User, string PrivateKey, string HostKey);

/// <summary>One authenticated connection.</summary>
public interface ISshSession : IAsyncDisposable
{
    /// <summary>Runs a command line in the user's shell and collects its output, cut at <paramref name="outputLimit"/> bytes each.</summary>
    /// <remarks>At the limit, or when cancelled, the command gets a TERM signal and its channel is closed.</remarks>
    /// <exception cref="DriverException">The connection broke (<c>ssh-down</c>), or the command did not end in time (<c>ssh-deadline</c>).</exception>
    Task<SshResult> ExecAsync(string command, TimeSpan limit, int outputLimit, CancellationToken cancel);

    /// <summary>Makes a round trip; throws when no answer comes within <paramref name="limit"/>. The library's own keep-alive notices nothing.</summary>
    /// <exception cref="DriverException">No answer in time (<c>ssh-mute</c>), or the connection is gone (<c>ssh-down</c>).</exception>
    Task PingAsync(TimeSpan limit, CancellationToken cancel);

    /// <summary>How long ago the guest last answered something; then it was alive.</summary>
    TimeSpan Silence { get; }

    /// <summary>Completes when the connection is known to be gone.</summary>
    Task Closed { get; }
}

/// <summary>What a command did.</summary>
/// <param name="ExitCode">Its exit status; null when it was ended by a signal.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="Truncated">True when either was longer than allowed.</param>
public sealed record SshResult(int? ExitCode, string Output, string Error, bool Truncated);
