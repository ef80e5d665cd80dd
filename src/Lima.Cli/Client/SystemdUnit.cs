namespace Lima.Cli.Client;

/// <summary>The systemd user unit that keeps a host running.</summary>
internal sealed class SystemdUnit(CliWorld world, CliPaths paths)
{
    private const string Name = "lima-host.service";
    private const string Hint = "the host also starts by itself with the first command; nothing needs to be installed for that";

    /// <summary>Where the unit is written.</summary>
    public string File => Path.Combine(Systemctl.UnitDirectory(world), Name);

    /// <summary>Text of the unit. Only the host's own process is killed with it, so that stopping the unit leaves VMs alone.</summary>
    public string Text => $"""
        [Unit]
        Description=LimaActors host (Linux virtual machines)

        [Service]
        ExecStart={Systemctl.Quote(paths.HostBinary)}
        Environment={Systemctl.Quote("LIMA_HOME=" + paths.Home)}
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
        var systemctl = await Systemctl.RequireAsync(world, Hint, cancel);
        Systemctl.Write(File, Text);
        await systemctl.RunAsync(["daemon-reload"], cancel);
        await systemctl.RunAsync(["enable", "--now", Name], cancel);
    }

    /// <summary>Disables and removes the unit; false when there was none.</summary>
    public async Task<bool> UninstallAsync(CancellationToken cancel)
    {
        if (!System.IO.File.Exists(File)) return false;
        var systemctl = await Systemctl.RequireAsync(world, Hint, cancel);
        await systemctl.RunAsync(["disable", "--now", Name], cancel);
        System.IO.File.Delete(File);
        await systemctl.RunAsync(["daemon-reload"], cancel);
        return true;
    }
}
