using System.Runtime.InteropServices;
using Lima.Domain.Vms;

namespace Lima.Drivers.Processes;

/// <summary>A process that was just launched.</summary>
/// <param name="Identity">Who it is.</param>
/// <param name="Exited">
/// Completes with its exit status (128 + number for a signal) once it has ended and was reaped. Known only to the process
/// that launched it; whoever adopts it later uses <see cref="ProcessTable.WaitExitAsync"/>.
/// </param>
public sealed record DetachedProcess(ProcessIdentity Identity, Task<int> Exited);

/// <summary>
/// Launches processes that do not care whether we live: a session of their own, standard input from nowhere, output to a
/// file, no descriptor and no signal setting of ours. While we live we reap them; afterwards init does.
/// </summary>
public sealed unsafe class DetachedLauncher(ProcessTable table)
{
    private const int ReadOnly = 0, WriteOnly = 1, Create = 0x40, Truncate = 0x200, Append = 0x400;
    private const uint OwnerOnly = 0x180; // 0600

    /// <summary>Starts the program; its working directory is <c>/</c>.</summary>
    /// <param name="spec">What to run.</param>
    /// <param name="logFile">Absolute path of the file that takes its output; emptied first, mode 0600.</param>
    /// <exception cref="DriverException">The program is missing or could not be started.</exception>
    public DetachedProcess Launch(ProcessSpec spec, string logFile)
    {
        var program = Programs.Find(spec.Program) ?? throw new DriverException(
            VmCauses.LaunchFailed, "starting a program", $"`{spec.Program}` is not installed or may not be run", "install it, or correct PATH");
        var error = Spawn(program, spec, logFile, out var pid);
        if (error != 0)
        {
            throw new DriverException(
                VmCauses.LaunchFailed, "starting a program", $"`{program}` with output to {logFile} could not be started: {Marshal.GetPInvokeErrorMessage(error)}");
        }

        // Nobody but us can reap it, so the number stays its own until the watch below has fired.
        var identity = new ProcessIdentity(pid, ProcessTable.Stat(pid)?.StartTicks ?? 0, table.BootId);
        return new DetachedProcess(identity, ChildReaper.Reap(pid));
    }

    private static int Spawn(string program, ProcessSpec spec, string logFile, out int pid) => Spawner.Spawn(program, spec, actions =>
    {
        _ = Native.ActionsOpen(actions, 0, "/dev/null", ReadOnly, 0);
        _ = Native.ActionsOpen(actions, 1, logFile, WriteOnly | Create | Truncate | Append, OwnerOnly);
        _ = Native.ActionsDuplicate(actions, 1, 2);
    }, confinement: null, out pid);
}
