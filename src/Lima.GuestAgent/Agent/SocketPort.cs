using Lima.GuestAgent.Native;

namespace Lima.GuestAgent.Agent;

/// <summary>A socket file in place of QEMU's port: one client at a time is the host.</summary>
internal sealed unsafe class SocketPort(EventLoop loop, string path) : AgentPort
{
    private int _listener = -1, _client = -1;

    /// <inheritdoc/>
    public override void Start()
    {
        _ = Libc.Unlink(path);
        _listener = Sockets.Make(Sockets.Unix, Sockets.Stream);
        var error = KernelAddress.Of(path) is { } address ? KernelAddress.Bind(_listener, address) : Errno.NameTooLong;
        if (error != 0 || Sockets.Listen(_listener, 4) < 0) throw new IOException($"{path}: {Errno.Text(error == 0 ? Libc.Error : error)}");
        loop.Watch(_listener, EventLoop.In, _ => Accept());
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> bytes)
    {
        if (_client < 0) return TryAgain;
        var count = Descriptors.Receive(_client, bytes);
        if (count == 0) Restart();
        return count;
    }

    /// <inheritdoc/>
    public override int Write(ReadOnlySpan<byte> bytes) => _client < 0 ? TryAgain : Descriptors.Send(_client, bytes);

    /// <inheritdoc/>
    public override void Restart()
    {
        Shut(ref _client);
        loop.Post(Accept);
    }

    public override void Dispose()
    {
        Shut(ref _client);
        Shut(ref _listener);
        _ = Libc.Unlink(path);
    }

    private void Accept()
    {
        // Others wait until this one has gone.
        if (_client >= 0 || _listener < 0) return;
        _client = Sockets.Accept(_listener, null, null, Libc.NonBlocking | Libc.CloseOnExec);
        if (_client >= 0) loop.Watch(_client, EventLoop.In | EventLoop.Out | EventLoop.PeerEnded, _ => Changed());
    }

    private void Shut(ref int descriptor)
    {
        if (descriptor < 0) return;
        loop.Forget(descriptor);
        _ = Libc.Close(descriptor);
        descriptor = -1;
    }
}
