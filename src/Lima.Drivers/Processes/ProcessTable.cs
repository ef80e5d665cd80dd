using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Lima.Domain.Vms;
using Microsoft.Win32.SafeHandles;

namespace Lima.Drivers.Processes;

/// <summary>
/// Reads and signals processes without ever mistaking one for another: every number is checked against the kernel's start
/// time and boot id, and signals and waits go through a pidfd that was opened before that check.
/// </summary>
public sealed class ProcessTable
{
    private const int StartTicksField = 19; // Field 22 of stat, counted from the state after the command's closing bracket.

    /// <summary>The kernel's boot id: two identities with different ones are never the same process.</summary>
    public string BootId { get; } = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    /// <summary>Who has this number now; null when nobody does. A zombie counts as gone.</summary>
    public ProcessIdentity? Identify(int pid) =>
        Stat(pid) is { State: not ('Z' or 'X') } stat ? new ProcessIdentity(pid, stat.StartTicks, BootId) : null;

    /// <summary>Whether exactly this process still lives.</summary>
    public bool IsAlive(ProcessIdentity process) => process.BootId == BootId && Identify(process.Pid) == process;

    /// <summary>Whether exactly this process was stopped by a signal or a debugger: alive, and deaf to everything.</summary>
    public bool IsHalted(ProcessIdentity process) =>
        process.BootId == BootId && Stat(process.Pid) is { State: 'T' or 't' } stat && stat.StartTicks == process.StartTicks;

    /// <summary>Sends a signal to exactly this process; false when it is gone.</summary>
    /// <exception cref="DriverException">The kernel refuses: another user's process.</exception>
    public bool Signal(ProcessIdentity process, int signal)
    {
        using var pidfd = Open(process);
        if (pidfd is null) return false;
        if (Native.SendSignal((int)pidfd.DangerousGetHandle(), signal) == 0) return true;
        var error = Marshal.GetLastPInvokeError();
        if (error == Native.NoSuchProcess) return false;
        throw new DriverException(
            "signal-refused", "signalling a process", $"signal {signal} to process {process.Pid} failed: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    /// <summary>Completes when exactly this process is gone; at once when it is gone already.</summary>
    /// <exception cref="DriverException">Code <c>process-unreadable</c>: no descriptor is left to watch it with.</exception>
    public async Task WaitExitAsync(ProcessIdentity process, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var pidfd = Open(process);
        if (pidfd is null) return;
        var exited = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watch = PidfdWatcher.Shared.Register(pidfd, () => exited.TrySetResult());
        await exited.Task.WaitAsync(cancel);
    }

    /// <summary>
    /// This user's living processes whose arguments hold these words one after the other (for example <c>-uuid</c> and an id).
    /// Reads all of <c>/proc</c>: some milliseconds.
    /// </summary>
    public IReadOnlyList<ProcessIdentity> FindByArguments(params ReadOnlySpan<string> words)
    {
        var found = new List<ProcessIdentity>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)) continue;
            // The identity is read first: arguments read afterwards belong to it or to nobody.
            if (Identify(pid) is { } identity && HasArguments(pid, words) && IsOurs(pid) && IsAlive(identity)) found.Add(identity);
        }

        return found;
    }

    /// <summary>Whether the process has these words, one after the other, among its arguments.</summary>
    public static bool HasArguments(int pid, params ReadOnlySpan<string> words)
    {
        var arguments = Arguments(pid);
        for (var i = 0; i + words.Length <= arguments.Length; i++)
            if (words.SequenceEqual(arguments.AsSpan(i, words.Length))) return true;
        return false;
    }

    /// <summary>Arguments of a process, its own name first; empty when it is gone.</summary>
    public static string[] Arguments(int pid)
    {
        var text = Read($"/proc/{pid}/cmdline");
        return string.IsNullOrEmpty(text) ? [] : text.TrimEnd('\0').Split('\0');
    }

    /// <summary>State letter and start time of whatever has this number, zombies included.</summary>
    internal static (char State, long StartTicks)? Stat(int pid)
    {
        var text = Read($"/proc/{pid}/stat");
        if (string.IsNullOrEmpty(text)) return null;
        // The command's name may hold spaces and brackets; nothing after its last bracket does.
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return (fields[0][0], long.Parse(fields[StartTicksField], CultureInfo.InvariantCulture));
    }

    /// <summary>A pidfd of exactly this process, or null: opened first, compared afterwards, so that no reuse of the number slips between.</summary>
    internal SafeFileHandle? Open(ProcessIdentity process)
    {
        var descriptor = Native.OpenPidfd(process.Pid);
        if (descriptor < 0)
        {
            // Not being able to look is not the same as being gone: a living VM must never be taken for dead.
            var error = Marshal.GetLastPInvokeError();
            return error is Native.NoSuchProcess or Native.Invalid ? null : throw Unreadable(process.Pid, Marshal.GetPInvokeErrorMessage(error));
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (IsAlive(process)) return handle;
        handle.Dispose();
        return null;
    }

    private static bool IsOurs(int pid)
    {
        // Anyone may run a program with any arguments; only what runs as us can be ours.
        var line = Read($"/proc/{pid}/status")?.Split('\n').FirstOrDefault(l => l.StartsWith("Uid:", StringComparison.Ordinal));
        return line is not null
            && uint.TryParse(line.Split('\t')[2], NumberStyles.None, CultureInfo.InvariantCulture, out var user)
            && user == Native.EffectiveUser();
    }

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path, Encoding.UTF8);
        }
        catch (IOException e) when (e.HResult is Native.OutOfFiles or Native.SystemOutOfFiles)
        {
            throw Unreadable(path, e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static DriverException Unreadable(object what, string why) =>
        new("process-unreadable", "looking at a process", $"process {what} cannot be looked at: {why}", "raise the limit of open files (`ulimit -n`)");
}
