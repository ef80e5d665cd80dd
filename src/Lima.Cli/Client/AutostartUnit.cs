namespace Lima.Cli.Client;

/// <summary>The systemd user units that start instances at login, one for each, under Lima's names.</summary>
internal sealed class AutostartUnit(CliWorld world, CliPaths paths)
{
    private const string Hint = "starting at login needs systemd; without it, run `limactl start` from your session's own autostart";

    /// <summary>Name of the unit.</summary>
    public static string NameOf(string instance) => $"lima-vm@{instance}.service";

    /// <summary>Where the unit is written.</summary>
    public string FileOf(string instance) => Path.Combine(Systemctl.UnitDirectory(world), NameOf(instance));

    /// <summary>Whether the instance is started at login.</summary>
    public bool Has(string instance) => File.Exists(FileOf(instance));

    /// <summary>
    /// Text of the unit. Its process lives as long as the instance runs, and shuts that down in order when the unit is
    /// stopped; whatever else runs by then, such as the host, is left alone. An order to shut down has three minutes.
    /// </summary>
    public string Text => $"""
        [Unit]
        Description=Lima instance %i (Linux virtual machine)

        [Service]
        ExecStart={Systemctl.Quote(world.BinaryPath)} start %i --foreground
        Environment={Systemctl.Quote("LIMA_HOME=" + paths.Home)}
        KillMode=process
        TimeoutStopSec=240
        Restart=on-failure
        RestartSec=10

        [Install]
        WantedBy=default.target

        """;

    /// <summary>Writes the unit and enables it.</summary>
    /// <exception cref="CliException">systemd does not manage this session, or the unit cannot be written or enabled.</exception>
    public async Task EnableAsync(string instance, CancellationToken cancel)
    {
        var systemctl = await Systemctl.RequireAsync(world, Hint, cancel);
        Systemctl.Write(FileOf(instance), Text);
        await systemctl.RunAsync(["daemon-reload"], cancel);
        await systemctl.RunAsync(["enable", NameOf(instance)], cancel);
    }

    /// <summary>Disables and removes the unit.</summary>
    /// <exception cref="CliException">systemd does not manage this session, or refuses.</exception>
    public async Task DisableAsync(string instance, CancellationToken cancel)
    {
        var systemctl = await Systemctl.RequireAsync(world, Hint, cancel);
        await systemctl.RunAsync(["disable", NameOf(instance)], cancel);
        File.Delete(FileOf(instance));
        await systemctl.RunAsync(["daemon-reload"], cancel);
    }

    /// <summary>Removes the unit of an instance that is no more, whether or not systemd can be told of it.</summary>
    /// <returns>False when there was none.</returns>
    public async Task<bool> ForgetAsync(string instance, CancellationToken cancel)
    {
        if (!Has(instance)) return false;
        try
        {
            await DisableAsync(instance, cancel);
        }
        catch (CliException)
        {
            // Without its file the unit means nothing, also to a systemd that is not there now.
            File.Delete(FileOf(instance));
        }

        return true;
    }
}
