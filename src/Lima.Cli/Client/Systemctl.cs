using System.Diagnostics;

namespace Lima.Cli.Client;

/// <summary>The systemd of this user's session.</summary>
internal sealed class Systemctl
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly string _program;

    private Systemctl(string program) => _program = program;

    /// <summary>Where the units of the user are.</summary>
    public static string UnitDirectory(CliWorld world) => Path.Combine(
        world.Env("XDG_CONFIG_HOME") is { Length: > 0 } configured ? configured : Path.Combine(world.UserHome, ".config"), "systemd/user");

    /// <summary>Finds it.</summary>
    /// <exception cref="CliException">It does not run, or does not manage this user's session; the way out is <paramref name="hint"/>.</exception>
    public static async Task<Systemctl> RequireAsync(CliWorld world, string hint, CancellationToken cancel)
    {
        if (!Directory.Exists(world.SystemdDirectory)) throw new CliException("systemd does not run on this machine", hint);
        var program = Shell.ExecRequest.Find("systemctl", world.Env("PATH")) ?? throw new CliException("`systemctl` is not in PATH", hint);
        var found = new Systemctl(program);
        var (exit, output) = await found.CollectAsync(["show-environment"], cancel);
        return exit == 0 ? found : throw new CliException($"systemd does not manage this user's session: {output}", hint);
    }

    /// <summary>Runs <c>systemctl --user</c> with arguments.</summary>
    /// <exception cref="CliException">It failed; the message has its last words.</exception>
    public async Task RunAsync(string[] arguments, CancellationToken cancel)
    {
        var (exit, output) = await CollectAsync(arguments, cancel);
        if (exit != 0) throw new CliException($"`systemctl --user {string.Join(' ', arguments)}` failed: {output}");
    }

    /// <summary>Writes a unit, whole or not at all.</summary>
    /// <exception cref="CliException">It cannot be written.</exception>
    public static void Write(string file, string text)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            WholeFile.Write(file, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"cannot write `{file}`: {e.Message}");
        }
    }

    /// <summary>A word as a unit has it: systemd splits at blanks, expands % and $; inside double quotes a backslash escapes.</summary>
    public static string Quote(string text) =>
        "\"" + text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("%", "%%").Replace("$", "$$") + "\"";

    private async Task<(int Exit, string Output)> CollectAsync(string[] arguments, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Limit);
        var start = new ProcessStartInfo(_program, ["--user", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = await process.StandardError.ReadToEndAsync(limit.Token);
            await output;
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, Output.Printable.Line(error.Trim()));
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            if (cancel.IsCancellationRequested) throw;
            throw new CliException($"`{_program}` did not end within {Limit.TotalSeconds:0} seconds");
        }
    }
}
