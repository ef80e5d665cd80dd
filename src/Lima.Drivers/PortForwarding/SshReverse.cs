using Lima.Domain.PortForwarding;

namespace Lima.Drivers.PortForwarding;

/// <summary>Has OpenSSH listen on sockets of the guest that lead to sockets of the host.</summary>
internal sealed class SshReverse(SshTunnel tunnel) : IForwardOpener
{
    /// <inheritdoc/>
    public bool Opens(Forward forward) => forward.Reverse;

    /// <inheritdoc/>
    public async Task<IOpenForward> OpenAsync(Forward forward, CancellationToken cancel)
    {
        await tunnel.AddReverseAsync(forward.Guest.Socket, forward.Host.Socket, cancel);
        return new Opened(tunnel, forward);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Opened(SshTunnel tunnel, Forward forward) : IOpenForward
    {
        public string Path => tunnel.Name;

        public string Warning => "";

        // What listens in the guest is the other program's.
        public bool Redirect(ForwardEnd guest) => false;

        public async ValueTask DisposeAsync()
        {
            try
            {
                await tunnel.RemoveReverseAsync(forward.Guest.Socket, forward.Host.Socket, CancellationToken.None);
            }
            catch (DriverException)
            {
                // With the way into the guest the forward has ended too.
            }
        }
    }
}
