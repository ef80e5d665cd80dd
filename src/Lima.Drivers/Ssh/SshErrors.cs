using System.Net.Sockets;
using Lima.Domain.Vms;
using Renci.SshNet.Common;

namespace Lima.Drivers.Ssh;

/// <summary>Turns what the library throws into causes that a user can act on.</summary>
internal static class SshErrors
{
    private const string Step = "connecting by SSH";

    /// <summary>The server's key is not the one that was injected.</summary>
    public static DriverException WrongHostKey(SshTarget target, Exception? inner) => new(
        "ssh-host-key", Step, $"the SSH server at {At(target)} has another host key than the one made for this instance",
        "another program may have taken the port: see who listens there, or restart the instance", inner);

    /// <summary>The host key that the target names is none.</summary>
    public static DriverException BadHostKey(SshTarget target) => new(
        "ssh-host-key", Step, $"the host key that is expected at {At(target)} is no public key", "restart the instance; the key is made again");

    /// <summary>Why a login failed.</summary>
    public static DriverException Connecting(SshTarget target, Exception failure) => failure switch
    {
        SshAuthenticationException => new DriverException(
            "ssh-key-refused", Step, $"the guest at {At(target)} refuses the key `{target.PrivateKey}` for user `{target.User}`",
            "check `~/.ssh/authorized_keys` of that user in the guest", failure),
        SocketException => new DriverException(
            VmCauses.SshDown, Step, $"nothing answers at {At(target)}: {failure.Message}", "wait until the guest has booted", failure),
        SshOperationTimeoutException => new DriverException(
            VmCauses.SshDown, Step, $"the SSH server at {At(target)} did not answer in time", "see the guest's console (`serial.log`)", failure),
        _ => new DriverException(
            VmCauses.SshDown, Step, $"the SSH connection to {At(target)} failed: {failure.Message}", "see the guest's console (`serial.log`)", failure),
    };

    /// <summary>The private key cannot be used.</summary>
    public static DriverException PrivateKey(SshTarget target, Exception failure) => new(
        "ssh-private-key", Step, $"the private key `{target.PrivateKey}` cannot be used: {failure.Message}",
        "it must be an OpenSSH key without a passphrase that you may read", failure);

    /// <summary>A connection that was there is gone.</summary>
    public static DriverException Lost(SshTarget target, Exception failure) => new(
        VmCauses.SshDown, "using the SSH session",
        $"the SSH connection to {At(target)} is gone{(failure is OperationCanceledException ? "" : $": {failure.Message}")}",
        "it is opened again while the instance runs", failure);

    /// <summary>The connection is there, and the server would not run a command on it.</summary>
    public static DriverException Failed(SshTarget target, Exception failure) => new(
        VmCauses.SshDown, "using the SSH session", $"the SSH server at {At(target)} would not run a command: {failure.Message}",
        "see the guest's log of sshd", failure);

    /// <summary>A command took too long.</summary>
    public static DriverException CommandDeadline(SshTarget target, TimeSpan limit) => new(
        "ssh-deadline", "running a command in the guest", $"a command at {At(target)} did not end within {limit.TotalSeconds:0.#} s", "");

    /// <summary>No answer to a ping.</summary>
    public static DriverException Mute(SshTarget target, TimeSpan limit) => new(
        "ssh-mute", "checking the SSH session", $"the guest at {At(target)} did not answer within {limit.TotalSeconds:0.#} s",
        "it may be overloaded or hung; see its console (`serial.log`)");

    private static string At(SshTarget target) => $"{target.Host} port {target.Port}";
}
