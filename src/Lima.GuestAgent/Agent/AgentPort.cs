using Lima.GuestAgent.Native;

namespace Lima.GuestAgent.Agent;

/// <summary>The way to the host: bytes both ways, and whether anybody is at the other end. All on the loop's thread.</summary>
internal abstract class AgentPort : IDisposable
{
    /// <summary>Called with each change: something may be read or written, or the host has gone.</summary>
    public Action Changed { get; set; } = () => { };

    /// <summary>Called when the port has been opened, on which the host may have a session with an agent that is no more.</summary>
    public Action Opened { get; set; } = () => { };

    /// <summary>Begins, and goes on until disposed: what is not there yet is waited for.</summary>
    public abstract void Start();

    /// <summary>Bytes read; 0 when the host is gone or was never there; <c>-EAGAIN</c> when nothing is there to read.</summary>
    public abstract int Read(Span<byte> bytes);

    /// <summary>Bytes written, <c>-EAGAIN</c> when the port takes none now, or another failure.</summary>
    public abstract int Write(ReadOnlySpan<byte> bytes);

    /// <summary>Ends the connection after a failure, and waits for the next.</summary>
    public abstract void Restart();

    public abstract void Dispose();

    /// <summary>The port for a path: a device as it is; at any other the agent itself is what QEMU is for the host, which tests use.</summary>
    /// <param name="path">The path; null for the port that QEMU gives to guests.</param>
    public static AgentPort Of(EventLoop loop, string? path) =>
        path is null || path.StartsWith("/dev/", StringComparison.Ordinal) ? new VirtioPort(loop, path) : new SocketPort(loop, path);

    protected const int TryAgain = -Errno.TryAgain;
}
