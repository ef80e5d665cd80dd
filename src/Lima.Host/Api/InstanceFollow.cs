using Lima.Actors.Vms;
using Lima.Contracts;
using Lima.Domain.Vms;
using Lima.Host.Journal;

namespace Lima.Host.Api;

/// <summary>Tells a client what becomes of one instance, until nothing is pending or it is gone.</summary>
internal sealed class InstanceFollow(JournalReader journal, VmReadModel model, Views views)
{
    private static readonly TimeSpan LagPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LagPauseMax = TimeSpan.FromMilliseconds(200);

    /// <summary>Runs to the end of the story.</summary>
    /// <param name="stream">Where it is told.</param>
    /// <param name="subscription">News, followed since before the journal is read.</param>
    /// <param name="name">Instance.</param>
    /// <param name="after">How many of its events the client knows.</param>
    /// <param name="cancel">The client has gone, or the host ends.</param>
    public async Task RunAsync(ServerSentEvents stream, EventFeed.Subscription subscription, string name, long after, CancellationToken cancel)
    {
        if (model.Views.GetValueOrDefault(name)?.Id is not { } id)
        {
            await stream.SendAsync(StreamNames.Gone, new EventList([]), cancel);
            return;
        }

        // A client may have counted in a journal that has been lost since; then it is told of what is now.
        var last = journal.LastOf(id.PersistenceId);
        after = Math.Clamp(after, 0, Math.Max(last, model.Views.GetValueOrDefault(name)?.SequenceNr ?? 0));
        var pause = LagPause;
        while (true)
        {
            after = await SendAfterAsync(stream, id, name, after, cancel);
            var now = model.Views.Values.FirstOrDefault(v => v.Id == id);
            if (now is null)
            {
                await stream.SendAsync(StreamNames.Gone, new EventList([]), cancel);
                return;
            }

            if (now.SequenceNr != after)
            {
                // The read model runs a moment behind the journal, and no further event may come to wake this loop.
                await Task.Delay(pause, cancel);
                pause = pause * 2 < LagPauseMax ? pause * 2 : LagPauseMax;
                continue;
            }

            if (now.State is { Phase: not VmPhase.Starting, Intent: VmIntent.None, DiskChange: null, ForwardsToSave: null })
            {
                await stream.SendAsync(StreamNames.Settled, views.Of(now), cancel);
                return;
            }

            pause = LagPause;
            await WaitAsync(stream, subscription, id, cancel);
        }
    }

    private async Task<long> SendAfterAsync(ServerSentEvents stream, VmId id, string name, long after, CancellationToken cancel)
    {
        for (var page = journal.OfVm(id.PersistenceId, after); page.Count > 0; page = journal.OfVm(id.PersistenceId, after))
        {
            foreach (var row in page)
            {
                after = row.Number;
                await stream.SendAsync(StreamNames.Vm, EventTexts.View(row, name), cancel, row.Sequence);
            }
        }

        return after;
    }

    /// <summary>Passes progress on until something of this VM was stored, or it is time to look again.</summary>
    private static async Task WaitAsync(ServerSentEvents stream, EventFeed.Subscription subscription, VmId id, CancellationToken cancel)
    {
        while (await stream.NextAsync(subscription.News, cancel) is { } news)
        {
            if (news is VmProgress progress && progress.Id == id) await stream.SendAsync(StreamNames.Progress, View(progress), cancel);
            if (news is VmEventStored stored && stored.Id == id) return;
        }
    }

    /// <summary>Progress as clients see it.</summary>
    public static ProgressView View(VmProgress progress) => new()
    {
        Instance = progress.Name,
        Step = progress.Progress.Step,
        Detail = progress.Progress.Detail,
        Done = progress.Progress.Done,
        Total = progress.Progress.Total,
    };
}
