using System.ComponentModel;
using System.Diagnostics;

namespace Lima.Drivers.Images;

/// <summary>How a build ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">The end of its standard output.</param>
/// <param name="Errors">The end of its standard error.</param>
internal sealed record BuildOutcome(int ExitCode, LineTail Output, LineTail Errors);

/// <summary>A build in a session of its own, so that all it started can be ended together.</summary>
internal static class BuildProcess
{
    private static readonly TimeSpan s_drainLimit = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Runs a program to its end; <paramref name="each"/> gets each line of its standard output. A cancellation ends it and
    /// everything it started: they have <paramref name="stopLimit"/> for cleaning up, and are gone when the call returns.
    /// </summary>
    /// <exception cref="DriverException">It could not be started.</exception>
    internal static async Task<BuildOutcome> RunAsync(
        string program, IEnumerable<string> arguments, Action<string> each, TimeSpan stopLimit, TimeProvider time, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        using var process = Start(program, arguments);
        using var drain = new CancellationTokenSource();
        process.StandardInput.Close();
        var output = LineTail.ReadAsync(process.StandardOutput, each, drain.Token);
        var errors = LineTail.ReadAsync(process.StandardError, null, drain.Token);
        try
        {
            await process.WaitForExitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            await StopAsync(process, stopLimit, time);
            await drain.CancelAsync();
            Task drained = Task.WhenAll(output, errors);
            await drained.WaitAsync(s_drainLimit, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        // Something that was left running may hold the pipes open; what it says no longer matters.
        _ = NativeFiles.Signal(-process.Id, NativeFiles.SigKill);
        return new BuildOutcome(process.ExitCode, await TailAsync(output), await TailAsync(errors));
    }

    private static async Task<LineTail> TailAsync(Task<LineTail> reading)
    {
        try
        {
            return await reading.WaitAsync(s_drainLimit);
        }
        catch (TimeoutException)
        {
            return new LineTail();
        }
    }

    private static Process Start(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("setsid")
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/",
        };
        start.ArgumentList.Add(program);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception error)
        {
            throw new DriverException("recipe-failed", "building the image",
                $"`{program}` could not be started: {error.Message}", "install the package `util-linux`, which has `setsid`", error);
        }
    }

    /// <summary>Asks the whole session to end, waits, then ends it.</summary>
    private static async Task StopAsync(Process process, TimeSpan limit, TimeProvider time)
    {
        // Right after its start it is not yet a group of its own.
        if (NativeFiles.Signal(-process.Id, NativeFiles.SigTerm) != 0) _ = NativeFiles.Signal(process.Id, NativeFiles.SigTerm);
        await process.WaitForExitAsync(CancellationToken.None).WaitAsync(limit, time, CancellationToken.None)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ = NativeFiles.Signal(-process.Id, NativeFiles.SigKill);
        if (process.HasExited) return;
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(CancellationToken.None).WaitAsync(limit, time, CancellationToken.None)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
