using Lima.Domain.Specs;
using Lima.Domain.Vms;
using Lima.Drivers.Files;
using Lima.Drivers.Instances;
using Lima.Drivers.Processes;
using Lima.Drivers.Qemu;

namespace Lima.Drivers.Mounts.Virtiofs;

/// <summary>
/// The daemons behind virtiofs devices, one each, and the relays before them. They live in sessions of their own like QEMU, end
/// with its connection, and are found again by the socket among their arguments.
/// </summary>
/// <param name="finder">Where the daemon is.</param>
/// <param name="server">What is launched.</param>
/// <param name="table">Processes.</param>
/// <param name="time">Clock for the limit.</param>
public sealed class VirtiofsDaemons(VirtiofsdFinder finder, VirtiofsServer server, ProcessTable table, TimeProvider time)
{
    private const int Kill = 9;
    private const string RelayWord = "--daemon-socket=";
    private static readonly TimeSpan SocketLimit = TimeSpan.FromSeconds(10), FirstLook = TimeSpan.FromMilliseconds(5), LongestLook = TimeSpan.FromMilliseconds(100);
    private readonly SocketServers _servers = new(table, time);

    /// <summary>Whether virtiofs can serve this mount here.</summary>
    public async Task<Func<MountSpec, bool>> CapabilityAsync(CancellationToken cancel)
    {
        var program = await finder.FindAsync(cancel);
        return mount => program?.CanServe(mount, IsRoot) == true;
    }

    /// <summary>Starts the daemon of a device and waits until it listens.</summary>
    /// <exception cref="DriverException">There is no daemon here that can, or it ended at once.</exception>
    public async Task<ProcessIdentity> StartAsync(VirtiofsDevice device, InstanceDirectory directory, CancellationToken cancel)
    {
        var program = await finder.FindAsync(cancel) ?? throw Failed(
            "failed to locate virtiofsd", "install it (Debian 12: package qemu-system-common, Debian 13: virtiofsd), or choose another `mountType`");
        if (!program.IsRust && !IsRoot)
            throw Failed($"{program.Program} can be used by root only", "install the virtiofsd that needs no privileges, or choose another `mountType`");
        End(device, directory);
        try
        {
            var launched = await _servers.LaunchAsync(
                new SocketServer(
                    "virtiofsd", $"virtiofsd for `{device.Mount.Location}`", "vhost socket",
                    server.Command(program, device, directory, IsRoot), device.Socket(directory), device.Log(directory)), cancel);
            return await FindAsync(device, directory, cancel) ?? launched;
        }
        catch
        {
            // What a relay had started is left when the relay has gone.
            End(device, directory);
            throw;
        }
    }

    /// <summary>The living daemon of a device; one that its relay is just replacing is waited for. Null when there is none.</summary>
    public async Task<ProcessIdentity?> FindAsync(VirtiofsDevice device, InstanceDirectory directory, CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        for (var pause = FirstLook; ; pause = pause * 2 < LongestLook ? pause * 2 : LongestLook)
        {
            var daemon = At(device.DaemonSocket(directory));
            // Who listens for QEMU is the relay; where there is none, as for machines that were launched without one, it is the daemon.
            var first = At(device.Socket(directory));
            if (daemon is not null || first is null) return daemon;
            if (!ProcessTable.Arguments(first.Pid).Any(word => word.StartsWith(RelayWord, StringComparison.Ordinal))) return first;
            if (time.GetElapsedTime(started) > SocketLimit) throw Failed($"virtiofsd for `{device.Mount.Location}` ends again and again: {LogTail.Read(device.Log(directory), 3)}", $"see {device.Log(directory)}");
            await Task.Delay(pause, time, cancel);
        }
    }

    /// <summary>Ends whatever serves a device.</summary>
    public void End(VirtiofsDevice device, InstanceDirectory directory)
    {
        // The relay first, which would start the daemon again.
        foreach (var socket in (string[])[device.Socket(directory), device.DaemonSocket(directory)])
            foreach (var process in table.FindByArguments(VirtiofsServer.Word(socket))) table.Signal(process, Kill);
    }

    // It splits in two; the older one ends with the younger.
    private ProcessIdentity? At(string socket) =>
        table.FindByArguments(VirtiofsServer.Word(socket)).OrderBy(process => process.StartTicks).ThenBy(process => process.Pid).FirstOrDefault();

    /// <summary>Completes when the daemon is gone.</summary>
    public Task WaitExitAsync(ProcessIdentity daemon, CancellationToken cancel) => table.WaitExitAsync(daemon, cancel);

    private static bool IsRoot => Environment.IsPrivilegedProcess;

    private static DriverException Failed(string message, string hint) => new(VmCauses.LaunchFailed, "starting virtiofsd", message, hint);
}
