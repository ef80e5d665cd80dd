using System.Collections;
using System.Runtime.InteropServices;
using System.Text;
using Lima.Domain.Vms;
using Microsoft.Win32.SafeHandles;

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
    private const int FirstFreeDescriptor = 3;
    private const int NoHang = 1;

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
        return new DetachedProcess(identity, Reap(pid));
    }

    private static Task<int> Reap(int pid)
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

    private static int Spawn(string program, ProcessSpec spec, string logFile, out int pid)
    {
        var actions = stackalloc byte[Native.OpaqueBytes];
        var attributes = stackalloc byte[Native.OpaqueBytes];
        var signals = stackalloc byte[Native.OpaqueBytes];
        _ = Native.ActionsInit(actions);
        _ = Native.AttributesInit(attributes);
        _ = Native.ActionsOpen(actions, 0, "/dev/null", ReadOnly, 0);
        _ = Native.ActionsOpen(actions, 1, logFile, WriteOnly | Create | Truncate | Append, OwnerOnly);
        _ = Native.ActionsDuplicate(actions, 1, 2);
        foreach (var descriptor in OpenDescriptors()) _ = Native.ActionsClose(actions, descriptor);
        _ = Native.ActionsChangeDirectory(actions, "/");
        _ = Native.AttributesSetFlags(attributes, Native.SpawnSetSession | Native.SpawnSetSignalDefaults | Native.SpawnSetSignalMask);
        _ = Native.SignalsAll(signals);
        _ = Native.AttributesSetDefaults(attributes, signals);
        _ = Native.SignalsNone(signals);
        _ = Native.AttributesSetMask(attributes, signals);
        var arguments = Block([program, .. spec.Arguments]);
        var environment = Block(Environment(spec));
        try
        {
            return Native.Spawn(out pid, program, actions, attributes, arguments, environment);
        }
        finally
        {
            Free(arguments);
            Free(environment);
            _ = Native.ActionsDestroy(actions);
            _ = Native.AttributesDestroy(attributes);
        }
    }

    /// <summary>What is open here besides the standard three. .NET marks its own close-on-exec; these are what we ourselves inherited.</summary>
    private static int[] OpenDescriptors() =>
        Directory.EnumerateFileSystemEntries("/proc/self/fd")
            .Select(path => int.TryParse(Path.GetFileName(path), out var number) ? number : -1)
            .Where(number => number >= FirstFreeDescriptor)
            .ToArray();

    private static IEnumerable<string> Environment(ProcessSpec spec)
    {
        foreach (DictionaryEntry entry in System.Environment.GetEnvironmentVariables())
            if (spec.Environment?.ContainsKey((string)entry.Key) != true) yield return $"{entry.Key}={entry.Value}";
        foreach (var (name, value) in spec.Environment ?? []) yield return $"{name}={value}";
    }

    private static byte** Block(IEnumerable<string> texts)
    {
        var list = texts.ToArray();
        var block = (byte**)NativeMemory.AllocZeroed((nuint)(list.Length + 1), (nuint)sizeof(byte*));
        for (var i = 0; i < list.Length; i++) block[i] = (byte*)Marshal.StringToCoTaskMemUTF8(list[i]);
        return block;
    }

    private static void Free(byte** block)
    {
        for (var at = block; *at is not null; at++) Marshal.FreeCoTaskMem((nint)(*at));
        NativeMemory.Free(block);
    }
}
