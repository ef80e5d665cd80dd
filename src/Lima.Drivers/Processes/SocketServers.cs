using Lima.Domain.Vms;
using Lima.Drivers.Files;

namespace Lima.Drivers.Processes;

/// <summary>Launches programs that live by themselves and serve QEMU at a socket: QEMU may be started once that is there.</summary>
/// <param name="table">Processes.</param>
/// <param name="time">Clock for the limit.</param>
public sealed class SocketServers(ProcessTable table, TimeProvider time)
{
    private const int Kill = 9;
    private static readonly TimeSpan SocketLimit = TimeSpan.FromSeconds(10), FirstLook = TimeSpan.FromMilliseconds(5), LongestLook = TimeSpan.FromMilliseconds(100);
    private readonly DetachedLauncher _launcher = new(table);

    /// <summary>Launches it and waits for its socket; one that an earlier process has left behind is removed first.</summary>
    /// <exception cref="DriverException">It ended at once, or its socket never came; then nothing of it is left.</exception>
    public async Task<ProcessIdentity> LaunchAsync(SocketServer server, CancellationToken cancel)
    {
        File.Delete(server.Socket);
        var launched = _launcher.Launch(server.Command, server.Log);
        var started = time.GetTimestamp();
        try
        {
            for (var pause = FirstLook; !File.Exists(server.Socket); pause = pause * 2 < LongestLook ? pause * 2 : LongestLook)
            {
                if (launched.Exited.IsCompleted) throw Failed(server, $"{server.What} ended at once: {LogTail.Read(server.Log, 3)}");
                if (time.GetElapsedTime(started) > SocketLimit) throw Failed(server, $"{server.SocketName} `{server.Socket}` never appeared");
                await Task.WhenAny(launched.Exited, Task.Delay(pause, time, cancel));
                cancel.ThrowIfCancellationRequested();
            }

            return launched.Identity;
        }
        catch
        {
            table.Signal(launched.Identity, Kill);
            throw;
        }
    }

    private static DriverException Failed(SocketServer server, string message) =>
        new(VmCauses.LaunchFailed, $"starting {server.Program}", message, $"see {server.Log}");
}

/// <summary>What to launch.</summary>
/// <param name="Program">Its name, for people.</param>
/// <param name="What">It and what it is for, for people.</param>
/// <param name="SocketName">What kind of socket that is, for people.</param>
/// <param name="Command">How to run it.</param>
/// <param name="Socket">Where it listens.</param>
/// <param name="Log">What it says.</param>
public sealed record SocketServer(string Program, string What, string SocketName, ProcessSpec Command, string Socket, string Log);
