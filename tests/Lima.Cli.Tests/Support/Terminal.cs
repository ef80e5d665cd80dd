using System.Diagnostics;
using System.Text;

namespace Lima.Cli.Tests.Support;

/// <summary>The real program on a terminal of its own, which <c>script</c> makes.</summary>
public sealed class Terminal : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly StringBuilder _shown = new();
    private readonly Task _reading;

    public Terminal(CliRun cli, params string[] words)
    {
        var command = string.Join(' ', words.Prepend(Path.Combine(AppContext.BaseDirectory, "limactl")).Select(word => $"'{word}'"));
        // A test run in the background of a shell was started with interrupts ignored, and all its children would be, too.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", "script", "-q", "-e", "-c", command, "/dev/null"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = cli.WorkingDirectory,
        };
        foreach (var (name, value) in cli.Environment) start.Environment[name] = value;
        start.Environment.Remove("VISUAL");
        _process = Process.Start(start)!;
        _reading = ReadAsync();
    }

    /// <summary>Everything on the screen so far, in the order of writing.</summary>
    public string Shown
    {
        get
        {
            lock (_shown) return _shown.ToString().Replace("\r\n", "\n");
        }
    }

    /// <summary>Waits for a text, and types something.</summary>
    public async Task AnswerAsync(string text, string keys)
    {
        for (var began = Stopwatch.StartNew(); !Shown.Contains(text, StringComparison.Ordinal); await Task.Delay(50))
            Assert.True(began.Elapsed < Limit, $"`{text}` was not shown, but:\n{Shown}");
        lock (_shown) _shown.Clear();
        await _process.StandardInput.WriteAsync(keys);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Waits for the end; the exit status.</summary>
    public async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Limit);
        await _reading.WaitAsync(Limit);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        var buffer = new char[4096];
        while (await _process.StandardOutput.ReadAsync(buffer) is var count and > 0)
        {
            lock (_shown) _shown.Append(buffer, 0, count);
        }
    }
}
