using Lima.Contracts;

namespace Lima.Cli.Client;

/// <summary>
/// Follows what happens to all instances, for as long as somebody listens. A stream that breaks is taken up after the last
/// event seen.
/// </summary>
/// <param name="context">Reaches the host.</param>
/// <param name="startHost">Bring a host up when there is none; else wait for one, since somebody may have stopped it on purpose.</param>
internal sealed class EventFollower(CliContext context, bool startHost)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs until <paramref name="happened"/> has had enough.</summary>
    /// <param name="after">Place of the last event that is known.</param>
    /// <param name="progress">With passing news.</param>
    /// <param name="happened">Takes the host, what it sent, and the stored event if that is one; false ends it.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task RunAsync(long after, bool progress, Func<HostClient, ServerEvent, EventView?, Task<bool>> happened, CancellationToken cancel)
    {
        while (true)
        {
            var own = startHost ? null : await context.RunningHostAsync(cancel);
            try
            {
                if ((startHost ? context.Client : own) is { } host)
                {
                    await foreach (var item in host.EventsAsync(after, true, null, progress, cancel))
                    {
                        var stored = item.Name == StreamNames.Vm ? InstanceFollower.Read(item, ContractsJson.Default.EventView) : null;
                        // A host whose journal was lost begins to count anew.
                        if (stored is not null) after = stored.Sequence;
                        if (!await happened(host, item, stored)) return;
                    }
                }
            }
            catch (Exception e) when (e is IOException or HttpRequestException || (!startHost && e is CliException { Code: "" }))
            {
                context.Log.Debug($"the stream broke ({e.Message}); connecting again");
            }
            finally
            {
                own?.Dispose();
            }

            await Task.Delay(Pause, context.World.Clock, cancel);
        }
    }
}
