using Lima.Domain.Vms;
using Microsoft.Win32.SafeHandles;

namespace Lima.Drivers.Processes;

/// <summary>Takes note of the end of our own children and reaps them.</summary>
internal static class ChildReaper
{
    private const int NoHang = 1;

    /// <summary>Completes with the exit status of our child (128 + number for a signal, -1 when another reaped it).</summary>
    /// <exception cref="DriverException">This kernel cannot watch processes.</exception>
    public static Task<int> Reap(int pid)
    {
        var exited = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var pidfd = new SafeFileHandle(Native.OpenPidfd(pid), ownsHandle: true);
        if (pidfd.IsInvalid)
        {
            pidfd.Dispose();
            throw new DriverException(
                VmCauses.LaunchFailed, "watching a program", "this kernel cannot watch processes by descriptor", "Linux 5.3 or later is needed");
        }

        PidfdWatcher.Shared.Register(pidfd, () =>
        {
            var reaped = Native.WaitPid(pid, out var status, NoHang) == pid;
            var signal = status & 0x7f;
            exited.TrySetResult(!reaped ? -1 : signal != 0 ? 128 + signal : (status >> 8) & 0xff);
        });
        return exited.Task;
    }
}
