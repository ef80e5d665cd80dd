using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Lima.Domain.Vms;

namespace Lima.Drivers.Processes;

/// <summary>What a short tool did.</summary>
/// <param name="ExitCode">Its exit status (128 + number for a signal).</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="Truncated">True when either was longer than allowed; the rest was read and dropped.</param>
/// <param name="TimedOut">True when it was ended because its time was over.</param>
public sealed record ToolResult(int ExitCode, string Output, string Error, bool Truncated, bool TimedOut = false)
{
    /// <summary>The last line of what it complained about, for a message to users; its exit status when it said nothing.</summary>
    public string LastError => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .LastOrDefault() ?? $"exit status {ExitCode}";
}

/// <summary>Runs short tools (<c>qemu-img</c> and the like) with a limit on their time and on what they may say.</summary>
public static class ProcessRunner
{
    /// <summary>Bytes kept of each stream unless the caller says otherwise.</summary>
    public const int OutputLimit = 1 << 20;

    // A grandchild may hold the pipes after the tool itself has ended; it is not waited for longer than this.
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(2);

    /// <summary>Runs the tool to its end; standard input is empty and messages are in English.</summary>
    /// <exception cref="DriverException">Code <c>tool-missing</c>: not installed; <c>tool-timeout</c>: not done in time, and killed.</exception>
    public static async Task<ToolResult> RunAsync(
        ProcessSpec spec, TimeSpan limit, CancellationToken cancel, int outputLimit = OutputLimit, TimeProvider? time = null)
    {
        var result = await TryRunAsync(spec, limit, cancel, outputLimit, time);
        return !result.TimedOut ? result : throw new DriverException(
            "tool-timeout", $"running {Path.GetFileName(spec.Program)}", $"`{spec.Program}` was not done after {limit.TotalSeconds:0.#} s and was ended");
    }

    /// <summary>The same, but running out of time is a result, with the output so far.</summary>
    /// <exception cref="DriverException">Code <c>tool-missing</c>.</exception>
    public static async Task<ToolResult> TryRunAsync(
        ProcessSpec spec, TimeSpan limit, CancellationToken cancel, int outputLimit = OutputLimit, TimeProvider? time = null)
    {
        using var process = Start(spec);
        using var deadline = new CancellationTokenSource(limit, time ?? TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancel);
        using var reading = new CancellationTokenSource();
        process.StandardInput.Close();
        var output = ReadAsync(process.StandardOutput.BaseStream, outputLimit, reading.Token);
        var error = ReadAsync(process.StandardError.BaseStream, outputLimit, reading.Token);
        var timedOut = false;
        try
        {
            await process.WaitForExitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            Kill(process);
            timedOut = !cancel.IsCancellationRequested;
        }

        await Task.WhenAny(Task.WhenAll(output, error), Task.Delay(DrainLimit, CancellationToken.None));
        await reading.CancelAsync();
        var (outText, outCut) = await output;
        var (errText, errCut) = await error;
        cancel.ThrowIfCancellationRequested();
        await process.WaitForExitAsync(CancellationToken.None);
        return new ToolResult(process.ExitCode, outText, errText, outCut || errCut, timedOut);
    }

    private static Process Start(ProcessSpec spec)
    {
        var info = new ProcessStartInfo(Programs.Find(spec.Program) ?? throw Missing(spec.Program))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in spec.Arguments) info.ArgumentList.Add(argument);
        info.Environment["LC_ALL"] = "C";
        foreach (var (name, value) in spec.Environment ?? []) info.Environment[name] = value;
        try
        {
            return Process.Start(info)!;
        }
        catch (Win32Exception e)
        {
            throw new DriverException("tool-missing", $"running {spec.Program}", $"`{spec.Program}` could not be started: {e.Message}", inner: e);
        }
    }

    private static DriverException Missing(string program) =>
        new("tool-missing", $"running {program}", $"`{program}` is not installed", "install it, or correct PATH");

    /// <summary>Reads to the end, keeps the first bytes; what was read so far counts when cancelled.</summary>
    private static async Task<(string Text, bool Cut)> ReadAsync(Stream stream, int limit, CancellationToken cancel)
    {
        var kept = new MemoryStream();
        var buffer = new byte[8192];
        var cut = false;
        try
        {
            for (int read; (read = await stream.ReadAsync(buffer, cancel)) > 0;)
            {
                var room = Math.Min(read, limit - (int)kept.Length);
                kept.Write(buffer, 0, room);
                cut |= room < read;
            }
        }
        catch (OperationCanceledException)
        {
            cut = true;
        }

        return (Encoding.UTF8.GetString(kept.GetBuffer(), 0, (int)kept.Length), cut);
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It ended by itself in this moment.
        }
    }
}
