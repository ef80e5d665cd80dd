using Lima.Domain.Vms;

namespace Lima.Drivers.Ssh;

/// <summary>The text of an instance's <c>known_hosts</c>: its one alias and its one key.</summary>
public static class KnownHosts
{
    /// <summary>Writes the text.</summary>
    /// <param name="name">The instance.</param>
    /// <param name="hostKey">Its public host key in OpenSSH's one-line form; a comment is left out.</param>
    /// <exception cref="DriverException">The line is no public key (code <c>ssh-host-key</c>).</exception>
    public static string Text(VmName name, string hostKey) =>
        PublicKey.TryParse(hostKey.Trim(), out var key)
            ? $"{name.Hostname} {key.Algorithm} {key.Encoded}\n"
            : throw new DriverException(
                "ssh-host-key", "writing known_hosts", $"the host key of instance `{name}` is no public key",
                "remove `ssh_host_ed25519_key.pub` in the instance's directory; it is made again");
}
