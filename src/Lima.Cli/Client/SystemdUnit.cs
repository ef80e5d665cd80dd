using System.Diagnostics;

namespace Lima.Cli.Client;

/// <summary>The systemd user unit that keeps a host running.</summary>
internal sealed class SystemdUnit(CliWorld world, CliPaths paths)
{
    private const string Name = "lima-host.service";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Where the unit is written.</summary>
    public string File => Path.Combine(
        world.Env("XDG_CONFIG_HOME") is { Length: > 0 } configured ? configured : Path.Combine(world.UserHome, ".config"),
        "systemd/user",
        Name);

    /// <summary>Text of the unit. Only the host's own process is killed with it, so that stopping the unit leaves VMs alone.</summary>
    public string Text => $"""
        [Unit]
        Description=LimaActors host (Linux virtual machines)

        [Service]
        ExecStart={Quote(paths.HostBinary)}
        Environment={Quote("LIMA_HOME=" + paths.Home)}
        KillMode=process
        Restart=on-failure
        RestartSec=2

        [Install]
        WantedBy=default.target

        """;

    /// <summary>Writes the unit, enables it and starts it.</summary>
    /// <exception cref="CliException">systemd does not manage this session, or the unit cannot be written.</exception>
    public async Task InstallAsync(CancellationToken cancel)
    {
        var systemctl = await SystemctlAsync(cancel);
        Write();
        await RunAsync(systemctl, ["--user", "daemon-reload"], cancel);
        await RunAsync(systemctl, ["--user", "enable", "--now", Name], cancel);
    }

    /// <summary>Disables and removes the unit; false when there was none.</summary>
    public async Task<bool> UninstallAsync(CancellationToken cancel)
    {
        if (!System.IO.File.Exists(File)) return false;
        var systemctl = await SystemctlAsync(cancel);
        await RunAsync(systemctl, ["--user", "disable", "--now", Name], cancel);
        System.IO.File.Delete(File);
        await RunAsync(systemctl, ["--user", "daemon-reload"], cancel);
        return true;
    }

    private void Write()
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(File)!);
            var temporary = File + ".tmp";
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                stream.Write(System.Text.Encoding.UTF8.GetBytes(Text));
                stream.Flush(flushToDisk: true);
            }

            System.IO.File.Move(temporary, File, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"cannot write `{File}`: {e.Message}");
        }
    }

    private async Task<string> SystemctlAsync(CancellationToken cancel)
    {
        const string hint = "the host also starts by itself with the first command; nothing needs to be installed for that";
        if (!Directory.Exists("/run/systemd/system")) throw new CliException("systemd does not run on this machine", hint);
        var systemctl = Shell.ExecRequest.Find("systemctl", world.Env("PATH")) ?? throw new CliException("`systemctl` is not in PATH", hint);
        var (exit, output) = await CollectAsync(systemctl, ["--user", "show-environment"], cancel);
        return exit == 0 ? systemctl : throw new CliException($"systemd does not manage this user's session: {output}", hint);
    }

    private static async Task RunAsync(string systemctl, string[] arguments, CancellationToken cancel)
    {
        var (exit, output) = await CollectAsync(systemctl, arguments, cancel);
        if (exit != 0) throw new CliException($"`systemctl {string.Join(' ', arguments)}` failed: {output}");
    }

    private static async Task<(int Exit, string Output)> CollectAsync(string program, string[] arguments, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Limit);
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
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
            throw new CliException($"`{program}` did not end within {Limit.TotalSeconds:0} seconds");
        }
    }

    // systemd splits at blanks, expands % and $; inside double quotes a backslash escapes.
    private static string Quote(string text) =>
        "\"" + text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("%", "%%").Replace("$", "$$") + "\"";
}
