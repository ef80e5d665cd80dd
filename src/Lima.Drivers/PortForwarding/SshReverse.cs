using Lima.Domain.PortForwarding;
using Lima.Drivers.Instances;

namespace Lima.Drivers.PortForwarding;

/// <summary>Has OpenSSH listen on sockets of the guest that lead to sockets of the host.</summary>
internal sealed class SshReverse(SshTunnel tunnel, InstanceDirectory directory) : IForwardOpener
{
    /// <inheritdoc/>
    public bool Opens(Forward forward) => forward.Reverse && tunnel.IsUp;

    /// <inheritdoc/>
    public async Task<IOpenForward> OpenAsync(Forward forward, CancellationToken cancel)
    {
        var (guest, host) = (forward.Guest.Socket, forward.Host.Socket);
        await tunnel.UpAsync(cancel);
        await tunnel.SshAsync(SshTunnelArguments.Command(directory, SshTunnelArguments.Clear(guest)), cancel);
        var added = await tunnel.SshAsync(SshTunnelArguments.Control(directory, "forward", reverse: true, guest, host), cancel);
        if (added.ExitCode == 0) return new Opened(this, guest, host);
        throw new DriverException(
            "forward-failed", "forwarding a socket", $"{guest} of the guest cannot be listened on: {added.LastError}",
            "its directory must be writable for the user of the guest");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task RemoveAsync(string guest, string host)
    {
        if (!tunnel.IsUp) return;
        await tunnel.SshAsync(SshTunnelArguments.Control(directory, "cancel", reverse: true, guest, host), CancellationToken.None);
        await tunnel.SshAsync(SshTunnelArguments.Command(directory, SshTunnelArguments.Clear(guest)), CancellationToken.None);
    }

    /// <summary>It lasts as long as the process does.</summary>
    private sealed class Opened(SshReverse reverse, string guest, string host) : IOpenForward
    {
        public string Path => "ssh";

        public string Warning => "";

        // What listens in the guest is the other program's.
        public bool Redirect(ForwardEnd guest) => false;

        public async ValueTask DisposeAsync()
        {
            try
            {
                await reverse.RemoveAsync(guest, host);
            }
            catch (DriverException)
            {
                // With the way into the guest the forward has ended too.
            }
        }
    }
}
