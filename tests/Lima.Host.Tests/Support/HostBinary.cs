using System.Diagnostics;
using Lima.Drivers.Instances;
using Lima.Testing;

namespace Lima.Host.Tests.Support;

/// <summary>The real program on a home of its own; what a command line would start.</summary>
internal sealed class HostBinary : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly List<Process> _started = [];
    private ApiClient? _api;

    public HostBinary() => Home = new LimaHome(_directory["h"]);

    public LimaHome Home { get; set; }

    public string Scratch => _directory.Path;

    public Dictionary<string, string> Environment { get; } = [];

    public ApiClient Api => _api ??= new ApiClient(Home.ApiSocket);

    public Process Start(string? program = null)
    {
        var start = new ProcessStartInfo(program ?? Path.Combine(AppContext.BaseDirectory, "lima-host"))
        {
            RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false,
        };
        start.Environment["LIMA_HOME"] = Home.Path;
        start.Environment["LIMA_SHARE"] = _directory.Path;
        start.Environment["LIMA_ACCEL"] = "tcg";
        start.Environment["XDG_CACHE_HOME"] = _directory["cache"];
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
        start.Environment.Remove("LIMA_HOCON");
        foreach (var (name, value) in Environment) start.Environment[name] = value;
        var process = Process.Start(start)!;
        // Nobody may wait for a full pipe.
        process.OutputDataReceived += (_, line) => Note(process, line.Data);
        process.ErrorDataReceived += (_, line) => Note(process, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _started.Add(process);
        return process;
    }

    private readonly Dictionary<Process, System.Text.StringBuilder> _said = [];

    /// <summary>What a process wrote so far.</summary>
    public string Said(Process process)
    {
        lock (_said) return _said.GetValueOrDefault(process)?.ToString() ?? "";
    }

    /// <summary>Starts it and waits until it answers.</summary>
    public async Task<Process> ServingAsync()
    {
        var process = Start();
        await Eventually.TrueAsync(async () =>
        {
            Assert.False(process.HasExited, Said(process));
            try
            {
                return (await Api.HostAsync()).Pid == process.Id;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
        return process;
    }

    /// <summary>Runs it to its end.</summary>
    public async Task<(int Exit, string Said)> RunAsync()
    {
        var process = Start();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return (process.ExitCode, Said(process));
    }

    public static void Signal(Process process, string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", process.Id.ToString()]);
        kill.WaitForExit();
    }

    public static async Task KillAsync(Process process)
    {
        Signal(process, "KILL");
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
    }

    public void Dispose()
    {
        _api?.Dispose();
        foreach (var process in _started)
        {
            if (!process.HasExited) process.Kill();
            process.WaitForExit();
            process.Dispose();
        }

        _directory.Dispose();
    }

    private void Note(Process process, string? line)
    {
        if (line is null) return;
        lock (_said)
        {
            if (!_said.TryGetValue(process, out var text)) _said[process] = text = new System.Text.StringBuilder();
            if (text.Length < 100_000) text.AppendLine(line);
        }
    }
}
