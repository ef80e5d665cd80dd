using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Lima.Cli.Output;
using Lima.Cli.Plugins;
using Lima.Templates.Locators;

namespace Lima.Cli.Templates;

/// <summary>Programs named <c>limactl-url-SCHEME</c> that say what a locator of their scheme stands for.</summary>
internal sealed class UrlPlugins(CliWorld world, CliPaths paths, TimeSpan limit)
{
    private const int OutputMax = 64 << 10;

    private readonly PluginFinder _finder = new(world, paths);

    /// <summary>What the plugin prints for the rest of a locator; null when there is no plugin for the scheme.</summary>
    /// <exception cref="LocatorException">It fails, takes too long, or prints nothing of use.</exception>
    public string? Run(string scheme, string rest)
    {
        if (_finder.Find("url-" + scheme) is not { Path: var program }) return null;
        try
        {
            using var process = Process.Start(StartOf(program, rest))!;
            using var over = world.Clock.CreateTimer(_ => Kill(process), null, limit, Timeout.InfiniteTimeSpan);
            var started = world.Clock.GetTimestamp();
            var errors = new StringBuilder();
            process.ErrorDataReceived += (_, line) => Keep(errors, line.Data);
            process.BeginErrorReadLine();
            var output = Bounded(process.StandardOutput, program);
            process.WaitForExit();
            if (process.ExitCode == 0) return Answer(program, output);
            if (world.Clock.GetElapsedTime(started) >= limit) throw new LocatorException($"`{program}` did not end within {limit.TotalSeconds:0.#} seconds");
            throw new LocatorException($"command `{program} {Printable.Line(rest)}` failed: {Why(errors, process.ExitCode)}");
        }
        catch (Win32Exception e)
        {
            throw new LocatorException($"`{program}` cannot be run: {Printable.Line(e.Message)}");
        }
    }

    private ProcessStartInfo StartOf(string program, string rest)
    {
        var start = new ProcessStartInfo(program, [rest])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = world.WorkingDirectory,
        };
        start.Environment.Clear();
        foreach (var (name, value) in world.AllEnv()) start.Environment[name] = value;

        // So that a plugin finds this `limactl` and its own fellows.
        start.Environment["PATH"] = string.Join(':', _finder.Directories);
        return start;
    }

    private static string Bounded(StreamReader from, string program)
    {
        var buffer = new char[OutputMax];
        var length = from.ReadBlock(buffer, 0, buffer.Length);
        return length < OutputMax ? new string(buffer, 0, length) : throw new LocatorException($"`{program}` prints more than {OutputMax >> 10} KiB");
    }

    private static string Answer(string program, string output)
    {
        var locator = output.Trim();
        if (locator.Length == 0) throw new LocatorException($"`{program}` printed no locator");
        return locator.Any(char.IsControl) ? throw new LocatorException($"`{program}` must print one locator, got `{Printable.Line(locator)}`") : locator;
    }

    private static string Why(StringBuilder errors, int exit)
    {
        lock (errors) return errors.Length > 0 ? Printable.Line(errors.ToString().Trim().Replace('\n', ' ')) : $"exit status {exit}";
    }

    private static void Keep(StringBuilder errors, string? line)
    {
        lock (errors)
        {
            if (line is not null && errors.Length < OutputMax) errors.Append(line).Append('\n');
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It ended by itself just now.
        }
    }
}
