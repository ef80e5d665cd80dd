using Lima.Cli.Output;
using Lima.Cli.Shell;

namespace Lima.Cli.Syncing;

/// <summary>Brings the guest's changes back, if the user wants them.</summary>
/// <param name="context">Asks and tells.</param>
/// <param name="rsync">Command lines.</param>
/// <param name="directory">The directory on this machine.</param>
internal sealed class SyncReview(CliContext context, SyncRsync rsync, string directory)
{
    private const int ListMax = 16 * 1024 * 1024;
    private static readonly TimeSpan Limit = TimeSpan.FromHours(1);

    /// <summary>Returns once nothing in the guest is needed any more.</summary>
    /// <exception cref="CliException">The changes are not here, and not refused either.</exception>
    public async Task RunAsync(CancellationToken cancel)
    {
        if (!context.MayAsk)
        {
            await BackAsync(cancel);
            return;
        }

        var list = await ListAsync(cancel);
        var changes = SyncChanges.Parse(list);
        if (changes.None)
        {
            context.Log.Info("No changes detected");
            return;
        }

        while (true)
        {
            switch (await Menu.AskAsync(context, $"⚠️ Accept the changes? ({changes})", "Yes", "No", "View the changed contents"))
            {
                case 0:
                    await BackAsync(cancel);
                    return;
                case 1:
                    context.Log.Info("Skipping syncing back the changes to host.");
                    return;
                case 2:
                    await ViewAsync(list, cancel);
                    break;
                default:
                    throw new CliException("nobody answered whether to accept the changes");
            }
        }
    }

    private async Task BackAsync(CancellationToken cancel)
    {
        if (await Child.AttachedAsync(context.World, rsync.Back(directory, context.World.OutIsTerminal), cancel) is not 0 and var exit)
            throw new CliException($"failed to sync back the changes from guest instance to host: rsync ended with status {exit}");
        context.Log.Info("Successfully synced back the changes to host.");
    }

    private async Task<string> ListAsync(CancellationToken cancel)
    {
        var listed = await Child.CollectAsync(rsync.List(directory), ListMax, Limit, cancel);
        return listed.Exit == 0 ? listed.Out : throw new CliException($"failed to compare the guest's copy with the host's: {Printable.Line(listed.Error.Trim())}");
    }

    // The guest's files are fetched to be compared; those of the user are not touched.
    private async Task ViewAsync(string list, CancellationToken cancel)
    {
        var temporary = Directory.CreateTempSubdirectory("lima-guest-synced-").FullName;
        try
        {
            var after = Directory.CreateDirectory(Path.Combine(temporary, Path.GetFileName(directory))).FullName;
            if (await Child.AttachedAsync(context.World, rsync.Back(after, progress: false), cancel) is not 0 and var exit)
                throw new CliException($"failed to fetch the changes from the guest instance: rsync ended with status {exit}");
            var diff = ExecRequest.Find("diff", context.World.Env("PATH"));
            await Pager.ShowAsync(context.World, SyncDiff.LinesAsync(diff, list, directory, after, cancel), cancel);
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }
}
