using System.Collections.Immutable;
using Lima.Drivers.Instances;
using Lima.Drivers.Processes;

namespace Lima.Drivers.Mounts.Virtiofs;

/// <summary>
/// What is launched for a device: the daemon itself, or the relay that stands between QEMU and the daemon and replaces the daemon
/// when it dies. Without the relay a device is of no use any more once its daemon has died.
/// </summary>
/// <param name="Relay">The relay's program; null where there is none.</param>
public sealed record VirtiofsServer(string? Relay)
{
    // The relay puts the daemon's own socket there; the words of the two must differ, since both are found by them.
    private const string DaemonsOwn = "{}";

    /// <summary>How to run it. Once <see cref="VirtiofsDevice.Socket"/> is there, QEMU may connect.</summary>
    public ProcessSpec Command(Virtiofsd program, VirtiofsDevice device, InstanceDirectory directory, bool isRoot)
    {
        if (Relay is null) return program.Command(device.Mount, device.Socket(directory), isRoot);
        var daemon = program.Command(device.Mount, DaemonsOwn, isRoot);
        ImmutableArray<string> arguments =
            [Word(device.Socket(directory)), $"--daemon-socket={device.DaemonSocket(directory)}", "--", Programs.Find(daemon.Program) ?? daemon.Program, .. daemon.Arguments];
        return new ProcessSpec(Relay, arguments);
    }

    /// <summary>The word by which whoever listens at a socket is found.</summary>
    public static string Word(string socket) => $"--socket-path={socket}";
}
