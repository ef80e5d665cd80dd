using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Lima.Cli.Shell;

/// <summary>What a program said and how it ended.</summary>
/// <param name="Exit">Exit status; 128 and the signal's number when it was killed.</param>
/// <param name="Out">Standard output, at most as much as was asked for.</param>
/// <param name="Error">The beginning of standard error.</param>
internal sealed record ChildOutput(int Exit, string Out, string Error);

/// <summary>Runs other programs to their end, where something is left to be done after them.</summary>
internal static class Child
{
    private const int ErrorMax = 16 * 1024;

    /// <summary>
    /// Runs a program on our own terminal or pipes. Ctrl-C reaches it by the terminal, and SIGTERM is passed on; neither ends us,
    /// since what follows has to be done all the same.
    /// </summary>
    /// <exception cref="CliException">It cannot be run.</exception>
    public static async Task<int> AttachedAsync(CliWorld world, ExecRequest request, CancellationToken cancel)
    {
        await world.Out.FlushAsync(cancel);
        using var process = Start(StartInfo(request), request);
        using var interrupt = world.OnInterrupt(() => Posix.Signal(process.Id, Posix.SigTerm));
        await process.WaitForExitAsync(cancel);
        return process.ExitCode;
    }

    /// <summary>Runs a program with nothing on its standard input and takes what it says.</summary>
    /// <param name="request">The program.</param>
    /// <param name="most">Characters of standard output that are kept; what is beyond is dropped.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="CliException">It cannot be run, or took too long.</exception>
    public static async Task<ChildOutput> CollectAsync(ExecRequest request, int most, TimeSpan limit, CancellationToken cancel)
    {
        var start = StartInfo(request);
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(limit);
        using var process = Start(start, request);
        try
        {
            process.StandardInput.Close();
            var output = ReadAsync(process.StandardOutput, most, deadline.Token);
            var error = ReadAsync(process.StandardError, ErrorMax, deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return new ChildOutput(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            if (cancel.IsCancellationRequested) throw;
            throw new CliException($"`{Path.GetFileName(request.Program)}` did not end within {Output.Sizes.Text(limit)}");
        }
    }

    /// <summary>Starts a program whose input is written by the caller, with our own terminal for the rest.</summary>
    /// <exception cref="CliException">It cannot be run.</exception>
    public static Process Fed(ExecRequest request)
    {
        var start = StartInfo(request);
        start.RedirectStandardInput = true;
        return Start(start, request);
    }

    private static ProcessStartInfo StartInfo(ExecRequest request)
    {
        var start = new ProcessStartInfo(request.Program, request.Arguments.Skip(1)) { UseShellExecute = false };
        foreach (var (name, value) in request.Environment) start.Environment[name] = value;
        return start;
    }

    private static Process Start(ProcessStartInfo start, ExecRequest request)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new CliException($"cannot run `{request.Program}`: {e.Message}");
        }
    }

    private static async Task<string> ReadAsync(StreamReader reader, int most, CancellationToken cancel)
    {
        var text = new StringBuilder();
        var buffer = new char[4096];
        while (await reader.ReadAsync(buffer.AsMemory(), cancel) is var count and > 0)
            text.Append(buffer, 0, Math.Min(count, most - text.Length));
        return text.ToString();
    }
}
