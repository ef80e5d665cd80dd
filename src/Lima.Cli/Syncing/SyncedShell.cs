using Lima.Cli.Output;
using Lima.Cli.Shell;

namespace Lima.Cli.Syncing;

/// <summary>
/// A shell in a copy of a directory: the copy is made before, and what changed in it is brought back after, however the
/// command ended.
/// </summary>
internal sealed class SyncedShell
{
    private readonly CliContext _context;
    private readonly ShellOptions _options;
    private readonly string _directory;
    private readonly string _rsync;

    /// <summary>Checks what can be checked without the guest.</summary>
    /// <exception cref="CliException">The directory may not be synced, or there is no rsync.</exception>
    public SyncedShell(CliContext context, ShellOptions options, string directory)
    {
        if (options.WorkDir is { Length: > 0 }) throw CliException.Usage("cannot use `--workdir` and `--sync` at the same time");
        (_context, _options) = (context, options);
        _directory = Path.GetFullPath(directory, context.World.WorkingDirectory).TrimEnd('/');
        SyncRules.CheckDepth(_directory);
        if (!Directory.Exists(_directory)) throw new CliException($"`{_directory}` is not a directory", "name one to sync");
        _rsync = ExecRequest.Find("rsync", context.World.Env("PATH"))
            ?? throw new CliException("rsync is required for `--sync` but not found", "install it (Debian, Ubuntu: `apt install rsync`)");
    }

    /// <summary>Runs the shell or the command; the result is its exit status.</summary>
    /// <exception cref="CliException">Something about the copy failed and the command did not; where the copy is left is told.</exception>
    public async Task<int> RunAsync(string name, SshConfigFile config, CancellationToken cancel)
    {
        var (world, instance) = (_context.World, _context.Paths.Instance(name));
        if (InstanceSettings.Read(Path.Combine(instance, "lima.yaml"), world.UserHome).Shared.Count > 0)
            throw new CliException("cannot use `--sync` when the instance has host mounts configured, start the instance with `--mount-none` to disable mounts");
        var guest = SyncRules.GuestPath(_directory);
        var copy = new GuestCopy(world, instance, config.Alias, guest);
        var rsync = new SyncRsync(_rsync, [.. SshProgram.Words(world), "-F", Path.Combine(instance, "ssh.config")], config.Alias, guest);

        _context.Log.Info($"Syncing host current directory({_directory}) to guest instance...");
        var place = await copy.PrepareAsync(cancel);
        if (place.WasThere) _context.Log.Warn($"replacing what an earlier shell has left in `{Printable.Line(place.Path)}` of the guest");
        if (await Child.AttachedAsync(world, rsync.Out(_directory, world.OutIsTerminal), cancel) is not 0 and var failed)
            throw new CliException($"failed to rsync to the guest: rsync ended with status {failed}");
        _context.Log.Info($"Successfully synced host current directory to guest({Printable.Line(place.Path)}) instance.");

        var exit = await Child.AttachedAsync(world, GuestShell.Request(world, instance, config, _options with { WorkDir = place.Path }), cancel);
        return await ReviewAsync(new SyncReview(_context, rsync, _directory), copy, place.Path, exit, cancel);
    }

    private async Task<int> ReviewAsync(SyncReview review, GuestCopy copy, string place, int exit, CancellationToken cancel)
    {
        try
        {
            await review.RunAsync(cancel);
        }
        catch (CliException e)
        {
            var kept = $"{e.Message}; the guest's copy is kept in `{Printable.Line(place)}`";
            if (exit == 0) throw new CliException(kept, e.Hint, e.ExitCode);
            // The command's own failure is what a caller wants to know.
            _context.Log.Error(kept);
            return exit;
        }

        try
        {
            if (!await copy.RemoveAsync(cancel)) _context.Log.Warn($"could not remove `{Printable.Line(place)}` in the guest");
        }
        catch (CliException e)
        {
            _context.Log.Warn($"could not remove `{Printable.Line(place)}` in the guest: {e.Message}");
        }

        return exit;
    }
}
