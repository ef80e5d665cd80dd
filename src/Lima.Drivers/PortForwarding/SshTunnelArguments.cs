using System.Collections.Immutable;
using Lima.Drivers.Instances;

namespace Lima.Drivers.PortForwarding;

/// <summary>The command lines of <c>ssh</c> that carry forwards, by the instance's own <c>ssh.config</c>: with its key, and its host key checked.</summary>
internal static class SshTunnelArguments
{
    private const string Forwarding = "forwarding a socket";

    /// <summary>The process that lives as long as the forwards do: a SOCKS server on a socket file, and a control socket for what is added later.</summary>
    public static ImmutableArray<string> Master(InstanceDirectory directory, bool watch) =>
    [
        "-F", directory.SshConfig,
        "-M", "-S", directory.ForwardControlSocket,
        "-o", "ControlPersist=no",
        "-o", "ForwardAgent=no", "-o", "ForwardX11=no",
        "-o", "ConnectTimeout=10",
        "-o", "ExitOnForwardFailure=yes",
        "-o", "StreamLocalBindUnlink=yes", "-o", "StreamLocalBindMask=0177",
        "-D", directory.ForwardSocksSocket,
        "-T", directory.Name.Hostname,
        "sh", "-s", watch ? "watch" : "idle",
    ];

    /// <summary>Adds a forward to the process, or takes it away.</summary>
    /// <param name="directory">The instance.</param>
    /// <param name="verb"><c>forward</c> or <c>cancel</c>.</param>
    /// <param name="reverse">Whether it is listened in the guest.</param>
    /// <param name="from">The socket that is listened on.</param>
    /// <param name="to">The socket that is connected to.</param>
    /// <exception cref="DriverException">A path has what such an argument cannot express (<c>forward-failed</c>).</exception>
    public static ImmutableArray<string> Control(InstanceDirectory directory, string verb, bool reverse, string from, string to) =>
    [
        "-F", directory.SshConfig,
        "-S", directory.ForwardControlSocket,
        "-o", "StreamLocalBindUnlink=yes", "-o", "StreamLocalBindMask=0177",
        "-O", verb, reverse ? "-R" : "-L", $"{Path(from)}:{Path(to)}",
        directory.Name.Hostname,
    ];

    /// <summary>Runs a command at the other end over the process that is there.</summary>
    public static ImmutableArray<string> Command(InstanceDirectory directory, string command) =>
    [
        "-F", directory.SshConfig, "-S", directory.ForwardControlSocket, "-o", "ControlMaster=no", "-T", directory.Name.Hostname, command,
    ];

    /// <summary>What removes a socket that an earlier forward has left in the guest, and makes room for one.</summary>
    public static string Clear(string socket) =>
        $"mkdir -p -- {Shell(socket[..Math.Max(1, socket.LastIndexOf('/'))])}; [ ! -S {Shell(socket)} ] || rm -f -- {Shell(socket)}";

    private static string Shell(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    // A colon ends a path, a percent sign begins a token, and `${` a variable; the last cannot be escaped.
    private static string Path(string path) => path.Contains("${", StringComparison.Ordinal) || path.Any(char.IsControl)
        ? throw new DriverException(
            "forward-failed", Forwarding, $"OpenSSH cannot use the path `{string.Concat(path.Select(c => char.IsControl(c) ? '?' : c))}`",
            "use one without `${` and control characters")
        : path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal).Replace("%", "%%", StringComparison.Ordinal);
}
